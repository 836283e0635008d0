import type { EventStore } from '@rollbook/shared/event-log/port';

/** How often a log was read, by kind. */
export interface Reads {
  streams: number;
  ends: number;
}

/** A store that counts what is asked of it, and whose followers can be frozen: they go on, but hand out nothing. */
export const countingStore = (store: EventStore) => {
  const reads: Reads = { streams: 0, ends: 0 };
  let frozen = false;
  const counting: EventStore = {
    logId: () => store.logId(),
    append: (append) => store.append(append),
    appendMany: (appends) => store.appendMany(appends),
    read: (stream, options) => {
      reads.streams += 1;
      return store.read(stream, options);
    },
    readAll: (options) => store.readAll(options),
    end: () => {
      reads.ends += 1;
      return store.end();
    },
    async *follow(options) {
      for await (const page of store.follow(options)) if (!frozen) yield page;
    },
    close: () => store.close(),
  };
  return {
    store: counting,
    reads,
    /** From now on followers hear nothing, as when a connection died without a word. */
    freeze: () => {
      frozen = true;
    },
  };
};
