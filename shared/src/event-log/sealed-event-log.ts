import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { KeyRing } from '../personal-data/key-ring.ts';
import { AppendRefused } from './errors.ts';
import type { StoredEvent } from './event.ts';
import type { EventLog, StreamEnd, StreamRead } from './event-log.ts';
import { JoinedReads } from './joined-reads.ts';
import { openEvents } from './open-event.ts';
import { NO_STREAM, type EventStore, type ReadStreamOptions } from './port.ts';
import { sealEvents } from './seal-event.ts';

export interface SealedEventLogParts {
  readonly store: EventStore;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
}

/** The end of a stream that has no event. */
export const EMPTY_STREAM: StreamEnd = { revision: NO_STREAM, hash: null, recordedAt: null };

export const endOf = (last: StoredEvent | undefined): StreamEnd =>
  last ? { revision: last.revision, hash: last.metadata.hash, recordedAt: last.recordedAt } : EMPTY_STREAM;

/** Part of a stream as the rest of the program sees it: opened, and with its end where `stored` reaches so far. */
export const openStream = async (
  stored: readonly StoredEvent[],
  options: ReadStreamOptions | undefined,
  keys: KeyRing,
): Promise<StreamRead> => ({
  events: await openEvents(stored, keys),
  end: endOf(options?.direction === 'backwards' ? stored[0] : stored.at(-1)),
});

/** Joins a store and the keys to the log that the rest of the program sees. */
export const sealedEventLog = ({ store, keys, clock, random }: SealedEventLogParts): EventLog => {
  const joined = new JoinedReads<StreamRead>(clock);
  const read = async (stream: string, options?: ReadStreamOptions): Promise<StreamRead> =>
    openStream(await store.read(stream, options), options, keys);
  return {
    logId: () => store.logId(),
    end: () => store.end(),

    async append(stream, end, events, context, ids) {
      try {
        const sealed = await sealEvents(stream, end, events, context, ids, { keys, random, now: clock.now() });
        return await store.append({ stream, expectedRevision: end.revision, events: sealed });
      } catch (fault) {
        if (!(fault instanceof AppendRefused)) throw fault;
        // Erased while the command decided: its key is gone, and the erasure stands in the stream. That is a lost race.
        const [last] = await store.read(stream, { direction: 'backwards', limit: 1 });
        const { revision } = endOf(last);
        if (revision === end.revision) throw fault;
        return { outcome: 'conflict', revision };
      }
    },

    // The stream of somebody who does much at once is read by each of their commands.
    read: (stream, options) => (options ? read(stream, options) : joined.read(stream, () => read(stream))),

    async readAll(options) {
      const page = await store.readAll(options);
      return { ...page, events: await openEvents(page.events, keys) };
    },

    async *follow(options) {
      for await (const page of store.follow(options)) yield { ...page, events: await openEvents(page.events, keys) };
    },
  };
};
