import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { PostgresRequestLimits } from '@rollbook/shared/request-limits/postgres-request-limits';
import { createPool, type Client, type Pool } from '@rollbook/shared/sql/pool';
import { until } from '../../support/feed-audience.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let pool: Pool;
const instance = (over: Pool = pool): PostgresRequestLimits =>
  new PostgresRequestLimits({ pool: over, clock: systemClock, onFault: () => undefined });
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test', onError: () => undefined });
});
beforeEach(() => pool.query('delete from working.request_counts'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const names = async () =>
  (await pool.query<{ name: string }>('select name from working.request_counts')).rows.map(({ name }) => name);

describe('The removal of counts', () => {
  /** Runs the work while another connection holds the row of that name. */
  const whileHeld = async (name: string, work: (holder: Client) => Promise<void>): Promise<void> => {
    const holder = await pool.connect();
    try {
      await holder.query('begin');
      await holder.query('set local idle_in_transaction_session_timeout = 0');
      await holder.query('select from working.request_counts where name = $1 for update', [name]);
      await work(holder);
    } finally {
      // Its connection goes, and with it what it holds.
      holder.release(true);
    }
  };
  const write = (name: string, minutes: number) =>
    pool.query(`insert into working.request_counts values ($1, 1, now() + $2 * interval '1 minute')`, [name, minutes]);

  test('waits for nobody who is settling what is over', async () => {
    await write('old', -1);
    await write('older', -2);
    await whileHeld('old', async () => {
      await instance().settle();
      expect(await names()).toStrictEqual(['old']);
    });
  });

  test('takes the erased in the order in which settlements take their senders: neither waits in a circle', async () => {
    await write('ben', 60);
    await write('ann', 60);
    await whileHeld('ann', async (settling) => {
      const erasing = instance();
      for (const name of ['ben', 'ann']) erasing.forget(name);
      const erased = erasing.settle();
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until('the removal waits', async () => (await pool.query(waiting)).rows.length > 0);
      await settling.query(`update working.request_counts set count = 2 where name = 'ben'`);
      await settling.query('commit');
      await erased;
    });
    expect(await names()).toStrictEqual([]);
  });

  test('knows everybody who is erased while it is under way', async () => {
    const removed: unknown[] = [];
    const slow = {
      query: (_text: string, [names]: readonly unknown[]) => {
        erasing.forget('ben');
        removed.push(Array.isArray(names) ? [...(names as unknown[])] : names);
        return Promise.resolve({ rows: [] });
      },
    } as unknown as Pool;
    const erasing = instance(slow);
    erasing.forget('ann');
    await erasing.settle();
    await erasing.settle();
    expect(removed.filter(Array.isArray).slice(0, 2)).toStrictEqual([['ann'], expect.arrayContaining(['ben'])]);
  });
});
