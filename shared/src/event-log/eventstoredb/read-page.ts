import type { StoredEvent } from '../event.ts';
import type { LogPage, ReadAllOptions } from '../port.ts';
import { probe, readLogPart, type ReadParts } from './read-records.ts';
import { wantedBy } from './server-filter.ts';
import { toStored } from './stored-form.ts';

/** Records that a filtered read looks through at most: the server filters subscriptions only. */
const WINDOW = 1_000;

/** One page of the whole log. Throws OtherLog for a place that this log does not have, StoreUnavailable. */
export const readPage = async (
  parts: ReadParts,
  { after, filter, limit = 500, bytes }: ReadAllOptions,
): Promise<LogPage> => {
  const { isWanted } = wantedBy(filter);
  // The record at `after` comes again, and one more shows whether the log goes on.
  const count = filter ? Math.max(WINDOW, limit + 2) : limit + 2;
  const records = await readLogPart(parts, {
    from: after ?? 'start',
    direction: 'forwards',
    count,
    ...(bytes && { bytes }),
  });
  if (records.length === 0 && after !== null) await probe(parts, after);
  const events: StoredEvent[] = [];
  let position = after;
  let seen = 0;
  for (const record of records) {
    if (events.length === limit) break;
    seen += 1;
    if (position !== null && record.place <= position) continue;
    position = record.place;
    if (isWanted(record)) events.push(toStored(record));
  }
  // By its bytes a read may end anywhere but before something new.
  const isWhole = bytes === undefined || records.length <= (after === null ? 0 : 1);
  return { events, position, atEnd: isWhole && seen === records.length && records.length < count };
};
