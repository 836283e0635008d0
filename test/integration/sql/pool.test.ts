import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

describe('A pool', () => {
  let database: TestDatabase;
  let pool: Pool;
  const faults: unknown[] = [];

  beforeEach(async () => {
    database = await createDatabase();
    pool = createPool({
      url: database.url,
      applicationName: 'rollbook test',
      max: 2,
      connectTimeout: 3_000,
      statementTimeout: 200,
      lockTimeout: 100,
      idleInTransactionTimeout: 200,
      onError: (fault) => faults.push(fault),
    });
    await pool.query('create table counted (n int)');
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });
  const count = async (): Promise<number> => (await pool.query('select from counted')).rowCount ?? -1;

  test('names its connections, for the operator', async () => {
    expect((await pool.query('show application_name')).rows).toEqual([{ application_name: 'rollbook test' }]);
  });

  test('waits for no statement, no lock and no connection for ever', async () => {
    await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    const holders = [await pool.connect(), await pool.connect()] as const;
    await holders[0].query('begin; lock table counted');
    await expect(holders[1].query('select from counted')).rejects.toMatchObject({ code: '55P03' });
    await expect(pool.connect()).rejects.toThrow('timeout');
    for (const holder of holders) holder.release(true);
  });

  test('ends a transaction that idles, and writes nothing of it', async () => {
    await expect(
      withTransaction(pool, async (client) => {
        await client.query('insert into counted values (1)');
        await new Promise((resolve) => setTimeout(resolve, 600));
        await client.query('insert into counted values (2)');
      }),
    ).rejects.toThrow();
    expect(await count()).toBe(0);
  });

  test('writes all of a transaction or nothing, and gives its connection back', async () => {
    const insert = (fail: boolean) =>
      withTransaction(pool, async (client) => {
        await client.query('insert into counted values (1)');
        if (fail) throw new Error('No');
        return 'done';
      });
    for (let n = 0; n < 5; n += 1) await expect(insert(true)).rejects.toThrow('No');
    expect(await insert(false)).toBe('done');
    expect(await count()).toBe(1);
  });

  test('replaces idle connections that break, and tells', async () => {
    await pool.query('select 1');
    const killer = createPool({ url: database.url, applicationName: 'killer' });
    await killer.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'rollbook test'`,
    );
    await killer.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(faults.length).toBeGreaterThan(0);
    expect(await count()).toBe(0);
  });
});
