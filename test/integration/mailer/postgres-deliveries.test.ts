import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReceivedMessage } from '@rollbook/shared/message-feed/port';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import type { Deliveries, Delivery } from '../../../mailer-worker/src/deliver-mail/delivery.ts';
import { postgresDeliveries } from '../../../mailer-worker/src/deliver-mail/postgres-deliveries.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

const person = '6f1f2a52-7d0e-4a6e-9d2c-0d8a5f6b7c81';
const messageOf = (n: number): ReceivedMessage => ({
  id: `00000000-0000-4000-8000-00000000000${String(n)}`,
  key: person,
  type: 'rollbook.user.email-verification-requested.v1',
  position: '0000000001',
  time: '2026-01-01T00:00:00.000Z',
  data: { sealed: 'x' },
  place: '0/1',
});

describe("The mailer's inbox", () => {
  let database: TestDatabase;
  let pool: Pool;
  let deliveries: Deliveries;
  beforeAll(async () => {
    database = await createDatabase();
    pool = createPool({ url: database.url, applicationName: 'test' });
    deliveries = postgresDeliveries(pool);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  beforeEach(async () => {
    await pool.query('delete from mailer.deliveries');
  });

  const add = (n: number): Promise<void> => deliveries.add({ kind: 'verify-email', message: messageOf(n) });
  const claimOne = async (leaseMs = 60_000): Promise<Delivery> => {
    const [delivery] = await deliveries.claim(1, leaseMs);
    if (!delivery) throw new Error('Nothing was due');
    return delivery;
  };
  const rows = async () => (await pool.query<Record<string, unknown>>('select * from mailer.deliveries')).rows;

  test('a mail that is asked for twice stands in it once', async () => {
    await Promise.all([add(1), add(1), add(1)]);
    expect(await deliveries.claim(10, 60_000)).toHaveLength(1);
  });

  test('a mail is held by one attempt at a time, however many ask', async () => {
    for (const n of [1, 2, 3, 4, 5]) await add(n);
    const claimed = await Promise.all(Array.from({ length: 10 }, () => deliveries.claim(2, 60_000)));
    const ids = claimed.flat().map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(5);
    expect(ids).toHaveLength(5);
  });

  test('what was sent is not sent again, and its message is forgotten', async () => {
    await add(1);
    expect(await deliveries.end(await claimOne(), 'sent', null)).toBe(true);
    await add(1);
    expect(await deliveries.claim(10, 60_000)).toEqual([]);
    expect(await rows()).toMatchObject([{ status: 'sent', message: null, attempts: 1, user_id: person }]);
  });

  test('when a lease runs out another attempt takes over, and the late one changes nothing', async () => {
    await add(1);
    const late = await claimOne(0);
    const second = await claimOne();
    expect(second.attempt).toBe(2);
    expect(await deliveries.end(late, 'sent', null)).toBe(false);
    await deliveries.retry(late, 0, 'late');
    expect(await deliveries.claim(1, 60_000)).toEqual([]);
    expect(await deliveries.end(second, 'sent', null)).toBe(true);
  });

  test('a mail that is given back waits for its time', async () => {
    await add(1);
    await deliveries.retry(await claimOne(), 50_000, '450 at RCPT TO');
    expect(await deliveries.claim(1, 60_000)).toEqual([]);
    const due = await deliveries.nextDueInMs();
    expect(due).toBeGreaterThan(40_000);
    expect(due).toBeLessThanOrEqual(50_000);
  });

  test('it says when nothing waits', async () => {
    expect(await deliveries.nextDueInMs()).toBeNull();
    await add(1);
    expect(await deliveries.nextDueInMs()).toBe(0);
  });

  test('nothing of an erased person stays: neither waiting mails nor the id of a dropped one', async () => {
    await add(1);
    await deliveries.end(await claimOne(), 'dropped', 'erased');
    expect(await rows()).toMatchObject([{ status: 'dropped', user_id: null, message: null }]);
    await add(2);
    await deliveries.forget(person);
    expect(await rows()).toHaveLength(1);
  });

  test('what ended long ago is forgotten', async () => {
    await add(1);
    await deliveries.end(await claimOne(), 'sent', null);
    await add(2);
    await deliveries.prune(60_000);
    expect(await rows()).toHaveLength(2);
    await deliveries.prune(-1);
    expect(await rows()).toMatchObject([{ status: 'waiting' }]);
  });
});
