import { RedriveRequested } from '@rollbook/shared/contracts/events/operations-events';
import { OPERATIONS_STREAM } from '@rollbook/shared/contracts/streams';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { fromInstant, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';
import type { DeadLetter, MessageFeed } from '@rollbook/shared/message-feed/port';
import { KEEP_ENDED } from '../deliver-mail/run-mailer.ts';
import type { RedriveRequests } from './redrive-requests.ts';
import { redrive } from './redrive.handle.ts';
import { mailMessageOf } from './still-dead.ts';

export interface ActOnRedrivesPorts {
  readonly store: Pick<EventStore, 'read'>;
  readonly feed: Pick<MessageFeed, 'readDeadLetters'>;
  readonly requests: RedriveRequests;
  readonly clock: Clock;
  /** The consumer group whose dead letters they are. */
  readonly group: string;
  /** Told of each request that was acted on: how many mails wait again. */
  readonly onActed: (eventId: string, mails: number) => void;
  readonly onFault: (fault: unknown) => void;
}

/** Requests that are read at once. */
const PAGE = 50;

/**
 * Acts on requests to try dead letters again, oldest first, within about a second, until the signal. Each once, also after
 * a crash and with several mailers: what was done is recorded in one transaction with the mails that wait again.
 */
export const actOnRedrives = (ports: ActOnRedrivesPorts, signal: AbortSignal): Promise<void> => {
  let newest: string | undefined;
  return repeat({ ...ports, signal, pause: 5 * SECOND }, async () => {
    const [last] = await ports.store.read(OPERATIONS_STREAM, { direction: 'backwards', limit: 1 });
    if (last && last.id !== newest) {
      for (const event of await readNew(ports)) await act(ports, event);
      newest = last.id;
    }
    return SECOND;
  });
};

/** What stands in the stream after the last request that was acted on, oldest first. */
const readNew = async ({ store, requests }: ActOnRedrivesPorts): Promise<readonly StoredEvent[]> => {
  const found: StoredEvent[] = [];
  for (let from: number | undefined; from === undefined || from >= 0;) {
    const options = { direction: 'backwards', limit: PAGE, ...(from === undefined ? {} : { from }) } as const;
    const page = await store.read(OPERATIONS_STREAM, options);
    const asked = page.filter(({ type }) => type === RedriveRequested.type);
    const handled = await requests.handled(asked.map(({ id }) => id));
    for (const event of asked) {
      if (handled.has(event.id)) return found.reverse();
      found.push(event);
    }
    from = (page.at(-1)?.revision ?? 0) - 1;
  }
  return found.reverse();
};

const act = async (ports: ActOnRedrivesPorts, event: StoredEvent): Promise<void> => {
  const { feed, requests, clock, group, onActed } = ports;
  const { what, id } = RedriveRequested.data.parse(event.data);
  // Of one that is older than anything the inbox keeps, no mail would be worth sending.
  const concerns = what === 'dead_letter' && clock.now() - fromInstant(event.recordedAt) < KEEP_ENDED;
  // Read before the transaction: a broker takes its time.
  const letters = concerns ? await lettersOf(feed, group, id) : [];
  const recorded = {
    readDeadLetters: async (_group: string, handle: (letter: DeadLetter) => Promise<void>) => {
      for (const letter of letters) await handle(letter);
    },
  };
  const mails = await requests.once(
    { requestId: event.id, eventId: id, position: event.position },
    async (dead) => (await redrive({ feed: recorded, mails: dead, clock, group }, { id })).mails,
  );
  if (mails !== null && what === 'dead_letter') onActed(id, mails);
};

const lettersOf = async (
  feed: ActOnRedrivesPorts['feed'],
  group: string,
  id: string,
): Promise<readonly DeadLetter[]> => {
  const letters: DeadLetter[] = [];
  await feed.readDeadLetters(group, (letter) => {
    if (mailMessageOf(letter)?.id === id) letters.push(letter);
    return Promise.resolve();
  });
  return letters;
};
