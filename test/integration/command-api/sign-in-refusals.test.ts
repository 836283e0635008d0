import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { HOUR } from '@rollbook/shared/kernel/clock';
import { memorySignInRefusals } from '../../../command-api/src/credential-limits/memory-sign-in-refusals.ts';
import { postgresSignInRefusals } from '../../../command-api/src/credential-limits/postgres-sign-in-refusals.ts';
import { ManualClock } from '../../support/command-rig.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test', max: 8, onError: () => undefined });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const inMemory = () => {
  const clock = new ManualClock();
  const pass = (hours: number): Promise<void> => {
    clock.pass(hours * HOUR);
    return Promise.resolve();
  };
  return { refusals: memorySignInRefusals(clock), pass, thisHour: () => Promise.resolve('2026-01-02T03:00:00.000Z') };
};
const inPostgres = () => ({
  refusals: postgresSignInRefusals(pool),
  pass: async (hours: number) => {
    await pool.query(
      `update command.refused_sign_ins set window_start = window_start - make_interval(hours => ${String(hours)})`,
    );
  },
  // The hours are moved back, not the clock on.
  thisHour: async () => {
    const { rows } = await pool.query<{ at: Date }>(
      `select date_trunc('hour', now(), 'UTC') - interval '2 hours' as at`,
    );
    return rows[0]?.at.toISOString();
  },
});

describe.each([
  ['in memory', inMemory],
  ['in PostgreSQL', inPostgres],
])('Counts of refused sign-ins %s', (_where, make) => {
  test('of one person add up, many at once too, and are told when their hour is over', async () => {
    const { refusals, pass, thisHour } = make();
    const [ada, bob] = [randomUUID(), randomUUID()];
    const from = await thisHour();
    await Promise.all(Array.from({ length: 30 }, () => refusals.add(ada)));
    await refusals.add(bob);
    expect(await refusals.ended()).toStrictEqual([]);
    await pass(2);
    const ended = await refusals.ended();
    expect(new Map(ended.map(({ userId, count }) => [userId, count]))).toStrictEqual(
      new Map([
        [ada, 30],
        [bob, 1],
      ]),
    );
    expect(ended.map((one) => one.from)).toStrictEqual([from, from]);
    for (const one of ended) await refusals.remove(one);
    expect(await refusals.ended()).toStrictEqual([]);
  });

  test('of a later hour stay when an earlier one is removed', async () => {
    const { refusals, pass } = make();
    const ada = randomUUID();
    await refusals.add(ada);
    await pass(2);
    await refusals.add(ada);
    const [first] = await refusals.ended();
    if (first) await refusals.remove(first);
    await pass(2);
    expect((await refusals.ended()).map(({ userId, count }) => [userId, count])).toStrictEqual([[ada, 1]]);
    for (const one of await refusals.ended()) await refusals.remove(one);
  });
});

test('What was counted for names that nobody has is thrown away', async () => {
  await pool.query(
    `insert into command.refused_sign_ins values ('${'ab'.repeat(32)}', date_trunc('hour', now()) - interval '2 hours', 3)`,
  );
  expect(await postgresSignInRefusals(pool).ended()).toStrictEqual([]);
  expect((await pool.query('select * from command.refused_sign_ins')).rows).toStrictEqual([]);
});
