import type { Client, Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import type { DeadMails } from './dead-mails.ts';
import { postgresDeadMails } from './postgres-dead-mails.ts';
import type { RedriveRequests } from './redrive-requests.ts';

/** The table `mailer.redrives`, in one transaction with the inbox. */
export const postgresRedriveRequests = (pool: Pool): RedriveRequests => ({
  async handled(requestIds) {
    const { rows } = await pool.query<{ id: string }>(
      'select request_id as id from mailer.redrives where request_id = any($1::uuid[])',
      [requestIds],
    );
    return new Set(rows.map(({ id }) => id));
  },
  once: ({ requestId, eventId, position }, revive) =>
    withTransaction(pool, async (client) => {
      // A second mailer waits here for the first one's commit.
      const { rowCount } = await client.query(
        `insert into mailer.redrives (request_id, event_id, position, mails) values ($1, $2, $3, 0)
         on conflict do nothing`,
        [requestId, eventId, position],
      );
      if (rowCount !== 1) return null;
      const mails = await revive(mailsWithin(client));
      await client.query('update mailer.redrives set mails = $2 where request_id = $1', [requestId, mails]);
      return mails;
    }),
});

/** A mail that the inbox cannot take must not undo the others of its transaction. */
const mailsWithin = (client: Client): DeadMails => {
  const mails = postgresDeadMails(client);
  return {
    ...mails,
    async revive(mail) {
      await client.query('savepoint mail');
      const revived = await mails.revive(mail);
      if (!revived) await client.query('rollback to savepoint mail');
      return revived;
    },
  };
};
