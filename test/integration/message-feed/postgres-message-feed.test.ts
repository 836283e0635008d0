import { expect, test } from '@jest/globals';
import { DAY } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { PostgresMessageFeed } from '@rollbook/shared/message-feed/postgres/postgres-message-feed';
import { createPool } from '@rollbook/shared/sql/pool';
import { messageFeedContract } from '../../contracts/message-feed.contract.ts';
import { Listener, messageOf, until } from '../../support/feed-audience.ts';
import { createDatabase } from '../../support/postgres.ts';

messageFeedContract('PostgreSQL', async () => {
  const database = await createDatabase();
  const pool = createPool({ url: database.url, applicationName: 'feed test', onError: () => undefined });
  return {
    url: database.url,
    takesOut: true,
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
         where datname = current_database() and application_name <> 'feed test'`,
      );
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
});

test('A feed keeps young messages, and old ones while nobody has ever listened', async () => {
  const database = await createDatabase();
  const pool = createPool({ url: database.url, applicationName: 'feed test', onError: () => undefined });
  const feed = new PostgresMessageFeed({ url: database.url, clock: systemClock });
  const keys = Array.from({ length: 30 }, (_, n) => `person-${String(n)}`);
  await feed.publish(keys.map((key) => messageOf(key, 1)));
  await pool.query(`update message_feed.messages set published_at = now() - interval '31 days'`);
  await feed.publish(keys.map((key) => messageOf(key, 2)));
  expect(await feed.prune(30 * DAY)).toBe(0);
  const listener = new Listener(feed, 'mailer');
  await until('all messages came', () => listener.ids.length === 60);
  await listener.stop();
  expect(await feed.prune(30 * DAY)).toBe(30);
  const { rows } = await pool.query<{ id: string }>('select id from message_feed.messages order by seq');
  expect(rows.map(({ id }) => id)).toEqual(keys.map((key) => `${key}-2`));
  await feed.close();
  await pool.end();
  await database.drop();
});

test('A feed whose database cannot be reached says so', async () => {
  const feed = new PostgresMessageFeed({ url: 'postgres://nobody@127.0.0.1:1/none', clock: systemClock });
  await expect(feed.ping()).rejects.toThrow();
  await feed.close();
});
