import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { StoppedThings } from './stopped-things.ts';

const EXISTS = {
  parked_event: 'select from read_model.parked_events where event_id = $1 limit 1',
  dead_letter: "select from mailer.deliveries where event_id = $1 and status = 'dead' limit 1",
} as const;

/** Where the projector parks events, and the mailer's inbox. */
export const postgresStoppedThings = (pool: Pool): StoppedThings => ({
  async has({ what, id }) {
    try {
      return (await pool.query(EXISTS[what], [id])).rowCount === 1;
    } catch (cause) {
      throw new StoreUnavailable('What stands still cannot be asked for', { cause });
    }
  },
});
