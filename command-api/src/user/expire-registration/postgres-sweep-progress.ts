import type { Position } from '@rollbook/shared/event-log/event';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { SweepProgress } from './sweep-registrations.handle.ts';

const FIND = 'select position from command.expiry_progress where log_id = $1';

// Positions of one log are compared as bytes.
const KEEP = `
  insert into command.expiry_progress as known (log_id, position) values ($1, $2)
  on conflict (log_id) do update set position = excluded.position where known.position < excluded.position`;

/** Keeps in PostgreSQL how far the sweeper of pending registrations is. */
export const postgresSweepProgress = (pool: Pool): SweepProgress => ({
  find: async (logId) => (await pool.query<{ position: Position }>(FIND, [logId])).rows[0]?.position ?? null,
  keep: async (logId, position) => {
    await pool.query(KEEP, [logId, position]);
  },
});
