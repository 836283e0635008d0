import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Position } from '@rollbook/shared/event-log/event';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { postgresRedriveRequests } from '../../../mailer-worker/src/dead-letters/postgres-redrive-requests.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test' });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const request = () => ({ requestId: randomUUID(), eventId: randomUUID(), position: '0001' as Position });

test('Of several mailers that act on one request at the same moment, one does', async () => {
  const requests = postgresRedriveRequests(pool);
  const one = request();
  let acted = 0;
  const act = () =>
    requests.once(one, () => {
      acted += 1;
      return Promise.resolve(2);
    });
  const results = await Promise.all([act(), act(), act()]);
  expect(acted).toBe(1);
  expect(results.filter((mails) => mails !== null)).toEqual([2]);
  expect(await requests.handled([one.requestId, randomUUID()])).toEqual(new Set([one.requestId]));
});

test('A request whose mails could not be revived is not taken for done', async () => {
  const requests = postgresRedriveRequests(pool);
  const one = request();
  await expect(requests.once(one, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await requests.handled([one.requestId])).toEqual(new Set());
  expect(await requests.once(one, () => Promise.resolve(1))).toBe(1);
});
