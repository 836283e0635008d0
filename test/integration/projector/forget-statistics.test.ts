import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../../support/feed-audience.ts';
import { happen, peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

let rig: ProjectorRig;
beforeEach(async () => {
  rig = await projectorRig();
});
afterEach(() => rig.close());

/** What the planner remembers of the values in the read models. */
const statistics = async (): Promise<string> =>
  (
    await rig.pool.query<{ row: string }>(
      "select row_to_json(s)::text as row from pg_catalog.pg_stats s where schemaname = 'read_model'",
    )
  ).rows
    .map(({ row }) => row)
    .join('\n');
const analyze = async (): Promise<string> => {
  await rig.pool.query('analyze');
  return statistics();
};
const READ_MODELS = ['user_directory', 'user_sessions', 'erasures', 'api_keys'];

test('Whoever is erased is gone from the statistics of the planner too, and the others stay', async () => {
  const people = peopleIn(rig);
  const anna = await people.register('anna-zq1');
  // Of one value alone PostgreSQL keeps none.
  for (const name of ['ben-zq2', 'carl-zq3']) await people.register(name);
  const projector = await rig.project();
  await rig.caughtUp(...READ_MODELS);
  expect(await analyze()).toMatch(/anna-zq1[^]*ben-zq2/);
  await people.erase(anna);
  await until('anna is gone', async () => !(await statistics()).includes('anna-zq1'));
  expect(await statistics()).toContain('ben-zq2');
  await projector.stop();
});

test('What a stop left in the statistics is gone after the next start', async () => {
  const people = peopleIn(rig);
  const anna = await people.register('anna-zq1');
  // Of one value alone PostgreSQL keeps none.
  for (const name of ['ben-zq2', 'carl-zq3']) await people.register(name);
  const projector = await rig.project();
  await rig.caughtUp(...READ_MODELS);
  await projector.stop();
  expect(await analyze()).toContain('anna-zq1');
  await people.erase(anna);
  await rig.project();
  await until('anna is gone', async () => !(await statistics()).includes('anna-zq1'));
});

test('Where somebody signed in from never stands in the statistics, which an empty table would keep', async () => {
  const people = peopleIn(rig);
  const anna = await people.register('anna');
  const data = { userId: anna, ver: 0, expiresAt: 4_000_000_000 };
  for (const id of [randomUUID(), randomUUID()])
    await happen(rig, `session-${id}`, { type: 'SessionStarted', data, personal: null });
  await rig.project();
  await rig.caughtUp(...READ_MODELS);
  const { rows } = await rig.pool.query('select address, user_agent from read_model.user_sessions');
  expect(rows).toEqual(Array(2).fill({ address: '192.0.2.7', user_agent: 'test' }));
  expect(await analyze()).toContain(anna);
  expect(await statistics()).not.toContain('192.0.2.7');
});
