import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import type { Pool } from '@rollbook/shared/sql/pool';
import { rethrow } from '../read-model/database-faults.ts';
import type { ExportParts } from './export-lines.ts';

/** Events read at once, and most bytes of them: an event has about 1 KB, and may have 1 MiB. */
const PAGE = 100;
const BYTES = 512 * 1024;

/** Neighbouring events, and the leaf of the first. */
export interface LeafPage {
  readonly leaf: number;
  readonly events: readonly StoredEvent[];
}

/** Where the leaf before this one stands in the log; null before the first. */
const placeBefore = async (pool: Pool, leaf: number): Promise<Position | null> => {
  if (leaf === 0) return null;
  const text = 'select position from read_model.audit_index where leaf = $1';
  const { rows } = await pool.query<{ position: Position }>(text, [leaf - 1]).catch(rethrow);
  if (!rows[0]) throw new StoreUnavailable('The audit index has not got to this leaf');
  return rows[0].position;
};

/** The leaves from `from` up to before `to`, out of the log itself, a page at a time. */
export async function* readLeaves(
  { store, pool }: Pick<ExportParts, 'store' | 'pool'>,
  from: number,
  to: number,
): AsyncGenerator<LeafPage, void> {
  let after = await placeBefore(pool, from);
  for (let leaf = from; leaf < to;) {
    const { events, position, atEnd } = await store.readAll({ after, limit: Math.min(PAGE, to - leaf), bytes: BYTES });
    if (events.length === 0 && atEnd) throw new StoreUnavailable('The log ends before its checkpoint');
    if (events.length > 0) yield { leaf, events };
    leaf += events.length;
    after = position;
  }
}
