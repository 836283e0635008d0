import type { EventLog, StreamRead } from '@rollbook/shared/event-log/event-log';

/** For one request: whoever asks for the same part of a stream again gets what was read the first time. */
export const readOnce = (log: Pick<EventLog, 'read'>): Pick<EventLog, 'read'> => {
  const reads = new Map<string, Promise<StreamRead>>();
  return {
    read: (stream, options = {}) => {
      const part = JSON.stringify([stream, options.from, options.direction, options.limit]);
      const known = reads.get(part) ?? log.read(stream, options);
      reads.set(part, known);
      return known;
    },
  };
};

/** Most reads of the log at the same time for one request. */
const AT_ONCE = 8;

/** The results in the order of the items, a few being worked on at a time. */
export const fewAtOnce = async <Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE)
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))));
  return results;
};
