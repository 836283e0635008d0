import type { ReceivedMessage } from '@rollbook/shared/message-feed/port';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { Deliveries, Delivery, MailKind } from './delivery.ts';

interface Row {
  readonly event_id: string;
  readonly user_id: string;
  readonly kind: MailKind;
  readonly attempts: number;
  readonly fence: string;
  readonly message: ReceivedMessage;
}

const CLAIM = `
  update mailer.deliveries d
     set attempts = attempts + 1, fence = fence + 1, due_at = clock_timestamp() + $2 * interval '1 millisecond',
         held_until = clock_timestamp() + $2 * interval '1 millisecond'
    from (select event_id, kind from mailer.deliveries
           where status = 'waiting' and due_at <= clock_timestamp()
           order by due_at limit $1 for update skip locked) due
   where d.event_id = due.event_id and d.kind = due.kind
  returning d.event_id, d.user_id, d.kind, d.attempts, d.fence::text, d.message`;

const END = `
  update mailer.deliveries
     set status = $3, reason = $4, message = null, done_at = clock_timestamp(),
         user_id = case when $3 = 'dropped' then null else user_id end
   where event_id = $1 and kind = $5 and fence = $2 and status = 'waiting'`;

const RETRY = `
  update mailer.deliveries
     set due_at = clock_timestamp() + $3 * interval '1 millisecond', held_until = null, reason = $4
   where event_id = $1 and kind = $5 and fence = $2 and status = 'waiting'`;

const NEXT_DUE = `
  select ceil(extract(epoch from min(due_at) - clock_timestamp()) * 1000)::float8 as ms
    from mailer.deliveries where status = 'waiting'`;

/** The inbox as a table. Times are the database's, so that several mailers agree. */
export const postgresDeliveries = (pool: Pool): Deliveries => ({
  async add({ kind, message }) {
    await pool.query(
      `insert into mailer.deliveries (event_id, user_id, kind, message, type) values ($1, $2, $3, $4, $5)
       on conflict (event_id, kind) do nothing`,
      [message.id, message.key, kind, message, message.type],
    );
  },
  async claim(limit, leaseMs) {
    const { rows } = await pool.query<Row>(CLAIM, [limit, leaseMs]);
    return rows.map((row): Delivery => ({
      eventId: row.event_id,
      userId: row.user_id,
      kind: row.kind,
      attempt: row.attempts,
      fence: row.fence,
      message: row.message,
    }));
  },
  async end({ eventId, kind, fence }, ending, reason) {
    return (await pool.query(END, [eventId, fence, ending, reason, kind])).rowCount === 1;
  },
  async retry({ eventId, kind, fence }, inMs, reason) {
    await pool.query(RETRY, [eventId, fence, Math.round(inMs), reason, kind]);
  },
  async nextDueInMs() {
    const ms = (await pool.query<{ ms: number | null }>(NEXT_DUE)).rows[0]?.ms ?? null;
    return ms === null ? null : Math.max(0, ms);
  },
  async noteUnread(place, reason) {
    await pool.query('insert into mailer.unread_letters (place, reason) values ($1, $2) on conflict do nothing', [
      place,
      reason,
    ]);
  },
  async forget(userId) {
    await pool.query('delete from mailer.deliveries where user_id = $1', [userId]);
  },
  async prune(olderThanMs) {
    const before = "clock_timestamp() - $1 * interval '1 millisecond'";
    await pool.query(`delete from mailer.deliveries where done_at < ${before}`, [olderThanMs]);
    await pool.query(`delete from mailer.unread_letters where dead_at < ${before}`, [olderThanMs]);
  },
  async ping() {
    await pool.query('select 1');
  },
});
