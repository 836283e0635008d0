import type { DeadLetter } from '@rollbook/shared/message-feed/port';
import type { DeadLetterPorts } from './dead-letter-ports.ts';
import { kindsStillDead, mailMessageOf } from './still-dead.ts';

/** A dead letter without anything of a person in it. Times in ms since 1970, of the event in RFC 3339. */
export interface ListedLetter {
  /** The event's id; null: it asks for no mail, and cannot be re-driven. */
  readonly id: string | null;
  readonly type: string | null;
  readonly time: string | null;
  readonly deadAt: number;
  readonly reason: string;
}

const foreign = ({ place, deadAt }: DeadLetter): ListedLetter => ({
  // Nobody knows what its reason quotes.
  ...{ id: null, type: null, time: null, deadAt, reason: `no message that asks for a mail, from ${place}` },
});

/** The letters whose mails are still dead, each once, oldest first. */
export async function listDeadLetters({ feed, mails, clock, group }: DeadLetterPorts): Promise<ListedLetter[]> {
  const listed = new Map<string, ListedLetter>();
  await feed.readDeadLetters(group, async (letter) => {
    const message = mailMessageOf(letter);
    if (!message) {
      listed.set(letter.place, foreign(letter));
      return;
    }
    if (await mails.isErased(message.key)) return;
    const { id, type, time } = message;
    const { deadAt, reason } = letter;
    // One that died again after it was re-driven counts by its last death.
    const dead = kindsStillDead(message, await mails.states(id), clock.now());
    if (dead.length > 0) listed.set(id, { id, type, time, deadAt, reason });
  });
  return [...listed.values()].sort((a, b) => a.deadAt - b.deadAt);
}
