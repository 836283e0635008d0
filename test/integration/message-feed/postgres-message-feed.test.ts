import { expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { PostgresMessageFeed } from '@rollbook/shared/message-feed/postgres/postgres-message-feed';
import { createPool } from '@rollbook/shared/sql/pool';
import { messageFeedContract } from '../../contracts/message-feed.contract.ts';
import { createDatabase } from '../../support/postgres.ts';

messageFeedContract('PostgreSQL', async () => {
  const database = await createDatabase();
  const pool = createPool({ url: database.url, applicationName: 'feed test', onError: () => undefined });
  return {
    url: database.url,
    open: () => new PostgresMessageFeed({ url: database.url, clock: systemClock, onFault: () => undefined }),
    async deadLettersOf(group) {
      const { rows } = await pool.query<{ id: string; reason: string }>(
        'select message_id as id, reason from message_feed.dead_letters where group_name = $1',
        [group],
      );
      return rows;
    },
    async cutConnections() {
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      );
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
});

test('A feed whose database cannot be reached says so', async () => {
  const feed = new PostgresMessageFeed({ url: 'postgres://nobody@127.0.0.1:1/none', clock: systemClock });
  await expect(feed.ping()).rejects.toThrow();
  await feed.close();
});
