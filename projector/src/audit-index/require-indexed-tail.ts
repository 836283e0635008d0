import { isClaim } from '@rollbook/shared/audit/claims';
import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Pool } from '@rollbook/shared/sql/pool';

/** Leaves compared at once: about as many as are sealed at once. */
const PAGE = 1_000;

interface Leaf {
  readonly leaf: string;
  readonly position: Position;
  readonly stream: string;
  readonly type: string;
  readonly hash: Buffer;
}

interface Span {
  readonly from: number;
  readonly size: number;
}

interface Parts {
  readonly pool: Pool;
  readonly store: Pick<EventStore, 'readAll'>;
}

/**
 * The leaves `from` … `size` − 1 must all be there, and be what stands in the log at their places now. A log that was cut
 * while it was followed, and has grown again, would otherwise be sealed as it was indexed; and an event that is made to
 * look like a claim there could be hidden in exports. Calls `onPage` now and then. Throws OtherLog.
 */
export const requireIndexedTail = async (
  parts: Parts,
  { from, size }: Span,
  onPage = (): void => {},
): Promise<void> => {
  for (let start = from; start < size; start += PAGE) {
    await requireSpan(parts, { from: start, size: Math.min(start + PAGE, size) });
    onPage();
  }
};

const requireSpan = async ({ pool, store }: Parts, { from, size }: Span): Promise<void> => {
  const { rows } = await pool.query<Leaf>(
    'select leaf, position, stream, type, hash from read_model.audit_index where leaf >= $1 and leaf < $2 order by leaf',
    [from - 1, size],
  );
  const before = from === 0 ? null : (rows.shift() ?? null);
  if (rows.length !== size - from || (before !== null && Number(before.leaf) !== from - 1))
    throw new OtherLog(`The audit index has lost leaves between ${String(from - 1)} and ${String(size - 1)}`);
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
