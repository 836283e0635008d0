import type { Pool } from '../../sql/pool.ts';
import type { Position } from '../event.ts';
import type { MinuteMarks } from '../minute-marks.ts';

/** The marks in `read_model.minute_marks`. */
export const postgresMinuteMarks = (pool: Pool): MinuteMarks => ({
  async mark(logId, position) {
    await pool.query(
      `insert into read_model.minute_marks (minute, log_id, position, marked_at)
       values (date_trunc('minute', now()), $1, $2, now()) on conflict (minute) do nothing`,
      [logId, position],
    );
    // One of more than a day stays: after a long pause of the projector it is the only old one.
    await pool.query(
      `delete from read_model.minute_marks
       where minute < (select max(minute) from read_model.minute_marks where marked_at < now() - interval '1 day')`,
    );
  },

  async newest(logId, age) {
    const { rows } = await pool.query<{ position: Position; since: number }>(
      `select position, (extract(epoch from marked_at) * 1000)::float8 as since from read_model.minute_marks
       where log_id = $1 and marked_at <= now() - $2::float8 * interval '1 ms' order by marked_at desc limit 1`,
      [logId, age],
    );
    return rows[0] ?? null;
  },
});
