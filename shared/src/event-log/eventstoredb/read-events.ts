import type { RecordedEvent } from '@eventstore/db-client';
import type { StoredEvent } from '../event.ts';
import type { ReadStreamOptions } from '../port.ts';
import { readStreamPart, type ReadParts } from './read-records.ts';
import { toStored } from './stored-form.ts';

/** Events that one call reads, each with a deadline of its own. */
const PART = 1_000;

/** The stream's events; empty when it has none. Throws StoreUnavailable. */
export const readEvents = async (
  parts: ReadParts,
  stream: string,
  { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
): Promise<readonly StoredEvent[]> => {
  const step = direction === 'forwards' ? 1 : -1;
  const events: StoredEvent[] = [];
  let next: number | 'start' | 'end' = from ?? (step === 1 ? 'start' : 'end');
  while (events.length < limit && (typeof next !== 'number' || next >= 0)) {
    const count = Math.min(PART, limit - events.length);
    let found: readonly RecordedEvent[] | undefined = await readStreamPart(parts, {
      stream,
      from: next,
      direction,
      count,
    });
    if (found?.length === 0 && direction === 'backwards' && typeof next === 'number') {
      // From beyond the last one: a server may page down from there, or give nothing.
      const last: number = next;
      const end = await readStreamPart(parts, { stream, from: 'end', direction, count });
      found = end?.filter(({ revision }) => revision <= BigInt(last));
    }
    for (const event of found ?? []) events.push(toStored(event));
    const last = events.at(-1);
    if (!found || found.length < count || !last) break;
    next = last.revision + step;
  }
  return events;
};
