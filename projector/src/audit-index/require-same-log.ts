import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Pool } from '@rollbook/shared/sql/pool';

interface LastLeaf {
  readonly stream: string;
  readonly revision: string;
  readonly hash: Buffer;
}

/**
 * The event of the newest leaf must stand in the log as it did. A log that was cut and has grown again may hold the
 * position, and another event there: what was indexed would go on as if nothing had happened. Throws OtherLog.
 */
export const requireSameLog = async ({
  pool,
  store,
}: {
  readonly pool: Pool;
  readonly store: Pick<EventStore, 'read'>;
}): Promise<void> => {
  const { rows } = await pool.query<LastLeaf>(
    'select stream, revision, hash from read_model.audit_index order by leaf desc limit 1',
  );
  const [last] = rows;
  if (!last) return;
  const [event] = await store.read(last.stream, { from: Number(last.revision), limit: 1 });
  if (event?.metadata.hash !== last.hash.toString('hex'))
    throw new OtherLog(`The log does not hold revision ${last.revision} of ${last.stream} as it was indexed`);
};
