import type { MailKind } from '../deliver-mail/delivery.ts';
import type { DeadLetterPorts } from './dead-letter-ports.ts';
import type { MailState } from './dead-mails.ts';
import { kindsStillDead, mailMessageOf } from './still-dead.ts';

export interface Redriven {
  /** Mails that wait again. */
  readonly mails: number;
  /** Letters that were looked for and found. */
  readonly found: number;
  /** What became of the mails of letters that are not dead any more. */
  readonly others: ReadonlyMap<MailKind, MailState>;
}

/**
 * Lets the mailer try dead mails again: those of one event, or all. Whether they are still sent is decided by the
 * mailer, as at every attempt. What dies meanwhile is not tried again.
 */
export async function redrive(
  { feed, mails, clock, group }: DeadLetterPorts,
  which: { readonly id: string } | 'all',
): Promise<Redriven> {
  const found = new Set<string>();
  const others = new Map<MailKind, MailState>();
  let revived = 0;
  await feed.readDeadLetters(group, async (letter) => {
    const message = mailMessageOf(letter);
    // A letter may stand there several times.
    if (!message || found.has(message.id) || (which !== 'all' && message.id !== which.id)) return;
    if (await mails.isErased(message.key)) return;
    found.add(message.id);
    const states = await mails.states(message.id);
    for (const [kind, state] of states) if (state !== 'dead') others.set(kind, state);
    for (const kind of kindsStillDead(message, states, clock.now()))
      if (await mails.revive({ kind, message })) revived += 1;
  });
  return { mails: revived, found: found.size, others };
}
