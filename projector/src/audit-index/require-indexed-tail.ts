import { isClaim } from '@rollbook/shared/audit/claims';
import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Pool } from '@rollbook/shared/sql/pool';

/** Leaves looked at, at most: as many as are sealed at once, and a few. */
const MOST = 1_100;

interface Leaf {
  readonly leaf: string;
  readonly position: Position;
  readonly stream: string;
  readonly type: string;
  readonly hash: Buffer;
}

/**
 * The leaves `from` … `size` − 1 (of many, the newest) must be what stands in the log at their places now. A log that was
 * cut while it was followed, and has grown again, would otherwise be sealed as it was indexed; and an event that is made to
 * look like a claim there could be hidden in exports. Throws OtherLog.
 */
export const requireIndexedTail = async (
  { pool, store }: { readonly pool: Pool; readonly store: Pick<EventStore, 'readAll'> },
  { from, size }: { readonly from: number; readonly size: number },
): Promise<void> => {
  const first = Math.max(from, size - MOST);
  const { rows } = await pool.query<Leaf>(
    'select leaf, position, stream, type, hash from read_model.audit_index where leaf >= $1 and leaf < $2 order by leaf',
    [first - 1, size],
  );
  const before = first === 0 ? null : (rows.shift() ?? null);
  let after = before?.position ?? null;
  for (let at = 0; at < rows.length;) {
    const { events, position, atEnd } = await store.readAll({ after, limit: rows.length - at });
    const other = events.find((event, index) => {
      const row = rows[at + index];
      return event.metadata.hash !== row?.hash.toString('hex') || isClaim(event) !== isClaim(row);
    });
    if (other || (events.length === 0 && atEnd))
      throw new OtherLog(
        other
          ? `Event ${other.id} (${other.stream}) stands in the log where another was indexed`
          : `The log ends before leaf ${String(rows[at]?.leaf)} of the audit index`,
      );
    at += events.length;
    after = position;
  }
};
