import type { Client, Pool } from '@rollbook/shared/sql/pool';
import type { MailKind } from '../deliver-mail/delivery.ts';
import { faultOfMessage } from '../deliver-mail/fault-of-message.ts';
import type { DeadMails, MailState } from './dead-mails.ts';

const REVIVE = `
  insert into mailer.deliveries as d (event_id, user_id, kind, message, type) values ($1, $2, $3, $4, $5)
  on conflict (event_id, kind) do update
     set status = 'waiting', attempts = 0, due_at = clock_timestamp(), done_at = null,
         held_until = null, message = excluded.message, type = excluded.type
   where d.status = 'dead'`;

/** The inbox as a table: `mailer.deliveries`, beside the keys: `keys.person_keys`. */
export const postgresDeadMails = (pool: Pool | Client): DeadMails => ({
  async isErased(userId) {
    const { rowCount } = await pool.query('select from keys.person_keys where subject = $1 and wrapped is null', [
      userId,
    ]);
    return rowCount === 1;
  },
  async states(eventId) {
    const { rows } = await pool.query<{ kind: MailKind; status: MailState }>(
      'select kind, status from mailer.deliveries where event_id = $1',
      [eventId],
    );
    return new Map(rows.map(({ kind, status }) => [kind, status]));
  },
  async revive({ kind, message }) {
    try {
      return (await pool.query(REVIVE, [message.id, message.key, kind, message, message.type])).rowCount === 1;
    } catch (fault) {
      // It was put aside because the inbox cannot take it; the others still can be.
      if (faultOfMessage(fault) !== null) return false;
      throw fault;
    }
  },
});
