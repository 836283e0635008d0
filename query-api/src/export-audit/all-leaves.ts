import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import type { Pool } from '@rollbook/shared/sql/pool';
import { rethrow } from '../read-model/database-faults.ts';
import { linesOf, type ExportParts, type ExportRange, type LeafLine } from './export-lines.ts';

/** Events read at once: an event has about 1 KB, so a page is small. */
const PAGE = 200;

/** Where the leaf before this one stands in the log; null before the first. */
const placeBefore = async (pool: Pool, leaf: number): Promise<Position | null> => {
  if (leaf === 0) return null;
  const text = 'select position from read_model.audit_index where leaf = $1';
  const { rows } = await pool.query<{ position: Position }>(text, [leaf - 1]).catch(rethrow);
  if (!rows[0]) throw new StoreUnavailable('The audit index has not got to this leaf');
  return rows[0].position;
};

/** All leaves from the first to the last, out of the log itself, a page at a time. */
export async function* allLeaves(
  { store, keys, pool }: ExportParts,
  { from, size }: ExportRange,
): AsyncGenerator<readonly LeafLine[], void> {
  let after = await placeBefore(pool, from);
  for (let leaf = from; leaf < size;) {
    const { events, position, atEnd } = await store.readAll({ after, limit: Math.min(PAGE, size - leaf) });
    if (events.length === 0 && atEnd) throw new StoreUnavailable('The log ends before its checkpoint');
    yield await linesOf(events, leaf, keys);
    leaf += events.length;
    after = position;
  }
}
