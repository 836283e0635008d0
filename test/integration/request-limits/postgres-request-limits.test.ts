import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { PostgresRequestLimits } from '@rollbook/shared/request-limits/postgres-request-limits';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { until } from '../../support/feed-audience.ts';
import { movedDate } from '../../support/moved-date.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let pool: Pool;
let instances: readonly PostgresRequestLimits[];
let faults: unknown[];
const pass = movedDate();

const instance = (over: Pool = pool): PostgresRequestLimits =>
  new PostgresRequestLimits({ pool: over, clock: systemClock, onFault: (fault) => faults.push(fault) });
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test', onError: () => undefined });
});
beforeEach(async () => {
  await pool.query('delete from working.request_counts');
  faults = [];
  instances = [instance(), instance()];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const ann = { name: 'ann', perHour: 100, isAddress: false };
const house = { ...ann, name: 'house', isAddress: true };
/** Sends as many requests to the instance; gives how many were let through. */
const send = async (limits: PostgresRequestLimits, times: number, sender = ann): Promise<number> => {
  let passed = 0;
  for (let n = 0; n < times; n += 1) if (!(await limits.count(sender)).isOver) passed += 1;
  return passed;
};
const settleAll = async (): Promise<void> => {
  for (const one of instances) await one.settle();
};
const rows = async () =>
  (await pool.query<{ name: string; count: string; ends_at: Date }>('select * from working.request_counts')).rows;
const [first, second] = [() => instances[0] ?? instance(), () => instances[1] ?? instance()];

describe('Two instances over one PostgreSQL', () => {
  test('tell each other what they counted, without a word to the database at a request', async () => {
    expect(await send(first(), 60)).toBe(60);
    expect(await send(second(), 10)).toBe(10);
    expect(await rows()).toStrictEqual([]);
    await settleAll();
    expect(await rows()).toMatchObject([{ name: 'ann', count: '70' }]);
    // The second has heard of both, the first of the second's with its next settlement.
    expect((await second().count(ann)).remaining).toBe(29);
    await send(first(), 2);
    await settleAll();
    expect((await first().count(ann)).remaining).toBe(27);
  });

  test.each([
    [100, 'one after the other', [1, 1]],
    [100, 'unevenly', [1, 4]],
    [1_000, 'one after the other', [10, 10]],
    [1_000, 'unevenly', [3, 40]],
    [5, 'one after the other', [1, 1]],
  ])(
    'let through no more than the bound of %i allows to who asks both %s',
    async (perHour, _how, [here = 1, there = 1]) => {
      const sender = { ...ann, name: 'greedy', perHour };
      let passed = 0;
      for (let round = 0; round < (2 * perHour) / (here + there); round += 1) {
        passed += await send(first(), here, sender);
        passed += await send(second(), there, sender);
        await settleAll();
      }
      const bound = Math.ceil(perHour / 50) + Math.max(here, there);
      expect(passed).toBeGreaterThanOrEqual(perHour);
      expect(passed).toBeLessThanOrEqual(perHour + bound);
      // From then on nobody lets anything through.
      expect((await send(first(), 10, sender)) + (await send(second(), 10, sender))).toBe(0);
    },
  );

  test('are exact where only one is asked', async () => {
    let passed = 0;
    for (let round = 0; round < 30; round += 1) {
      passed += await send(first(), 7);
      await settleAll();
    }
    expect(passed).toBe(100);
  });

  test('count exactly what many at once send while they settle', async () => {
    const settling = (async () => {
      for (let n = 0; n < 20; n += 1) await first().settle();
    })();
    const counts = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n % 20));
        return first().count({ ...ann, perHour: 1_000 });
      }),
    );
    await settling;
    await first().settle('all');
    expect(await rows()).toMatchObject([{ count: '300' }]);
    expect(Math.min(...counts.map(({ remaining }) => remaining))).toBe(700);
    expect((await first().count({ ...ann, perHour: 1_000 })).remaining).toBe(699);
  });

  test('end the hour at once, which is that of the first of both', async () => {
    pass(0);
    await send(first(), 100);
    await settleAll();
    pass(20 * MINUTE);
    await send(second(), 1);
    await settleAll();
    const known = await second().count(ann);
    expect([known.isOver, known.resetsIn]).toStrictEqual([true, HOUR - 20 * MINUTE]);
    pass(40 * MINUTE);
    expect((await second().count(ann)).remaining).toBe(99);
    await settleAll();
    expect((await first().count(ann)).remaining).toBe(99);
    await settleAll();
    expect(await rows()).toMatchObject([{ count: '2' }]);
  });
});

describe('The table', () => {
  test('gets no row for an address that comes once, and none for what is refused', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => first().count({ ...house, name: `flood ${String(n)}` })));
    await send(first(), 300, { ...ann, perHour: 10 });
    await settleAll();
    expect(await rows()).toMatchObject([{ name: 'ann', count: '10' }]);
  });

  test('takes more senders than one statement has', async () => {
    await Promise.all(Array.from({ length: 2_500 }, (_, n) => first().count({ ...ann, name: `p${String(n)}` })));
    await settleAll();
    expect(await rows()).toHaveLength(2_500);
  });

  test('may be lost: what an instance knows, it still knows', async () => {
    await send(first(), 90);
    await settleAll();
    await pool.query('truncate working.request_counts');
    expect(await send(first(), 5)).toBe(5);
    await settleAll();
    expect((await first().count(ann)).remaining).toBe(4);
  });

  test('loses what is over, and whoever is erased, in the memory of every instance too', async () => {
    pass(0);
    await send(first(), 100);
    await send(second(), 100, { ...ann, name: 'ben' });
    await settleAll();
    for (const one of instances) one.forget('ann');
    await settleAll();
    expect((await rows()).map(({ name }) => name)).toStrictEqual(['ben']);
    expect((await first().count(ann)).remaining).toBe(99);
    await first().settle('all');
    pass(HOUR + SECOND);
    await settleAll();
    expect(await rows()).toStrictEqual([]);
  });
});

describe('An instance', () => {
  test('goes on by itself while the database is away, and settles when it is back', async () => {
    const nowhere = createPool({ url: 'postgres://x@127.0.0.1:1/x', applicationName: 'test' });
    const alone = instance(nowhere);
    expect(await send(alone, 60)).toBe(60);
    await expect(alone.settle()).rejects.toThrow();
    expect(await send(alone, 60)).toBe(40);
    await nowhere.end();

    const broken = { query: () => Promise.reject(new Error('away')) } as unknown as Pool;
    const parts = { pool: broken, clock: systemClock, onFault: () => undefined };
    const returning = new PostgresRequestLimits(parts);
    await send(returning, 60);
    await expect(returning.settle()).rejects.toThrow('away');
    parts.pool = pool;
    await returning.settle();
    expect(await rows()).toMatchObject([{ name: 'ann', count: '60' }]);
  });

  test('settles all it has when it stops', async () => {
    const stopping = new AbortController();
    const running = first().run(stopping.signal);
    await send(first(), 1, house);
    await send(first(), 3);
    await until('people are settled by the way', async () => (await rows()).length === 1);
    stopping.abort();
    await running;
    expect((await rows()).map(({ name, count }) => [name, count]).toSorted()).toStrictEqual([
      ['ann', '3'],
      ['house', '1'],
    ]);
    expect(faults).toStrictEqual([]);
  });

  test('is told of a fault, and its stop does not wait for a database that does not answer', async () => {
    const silent = { query: () => new Promise(() => undefined) } as unknown as Pool;
    const clock = { ...systemClock, sleep: () => Promise.resolve() };
    const hung = new PostgresRequestLimits({ pool: silent, clock, onFault: (fault) => faults.push(fault) });
    await hung.count(ann);
    const stopping = new AbortController();
    stopping.abort();
    await hung.run(stopping.signal);

    const away = { query: () => Promise.reject(new Error('away')) } as unknown as Pool;
    const failing = new PostgresRequestLimits({ pool: away, clock, onFault: (fault) => faults.push(fault) });
    await failing.count(ann);
    await failing.run(stopping.signal);
    expect(faults).toHaveLength(1);
  });

  test('that stops while it settles waits no longer for that, and sends nothing twice', async () => {
    const sent: string[] = [];
    const hanging = Promise.withResolvers<{ rows: [] }>();
    const silent = {
      query: (text: string) => {
        if (text.includes('insert')) sent.push(text);
        return hanging.promise;
      },
    } as unknown as Pool;
    // Only the wait for the last settlement passes.
    const clock = { ...systemClock, sleep: (ms: number) => (ms === 2 * SECOND ? Promise.resolve() : hanging.promise) };
    const hung = new PostgresRequestLimits({
      pool: silent,
      clock: clock as never,
      onFault: (fault) => faults.push(fault),
    });
    await hung.count(ann);
    const stopping = new AbortController();
    const running = hung.run(stopping.signal);
    await until('a settlement hangs', () => sent.length === 1);
    stopping.abort();
    await running;
    hanging.resolve({ rows: [] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sent).toHaveLength(1);
    expect(faults).toStrictEqual([]);
  });
});
