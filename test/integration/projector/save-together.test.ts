import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Position } from '@rollbook/shared/event-log/event';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { loadPosition, PositionMoved } from '../../../projector/src/follow-in-turn/position.ts';
import { saveTogether } from '../../../projector/src/follow-in-turn/save-together.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

const LOG = '11111111-1111-4111-8111-111111111111';
const at = (n: number): Position => String(n).padStart(20, '0') as Position;
const followers = ['one', 'two', 'three'].map((name) => ({ name, version: 1 }));
const [one, two, three] = followers as [(typeof followers)[0], (typeof followers)[0], (typeof followers)[0]];

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test' });
  for (const follower of followers) await loadPosition(pool, follower, LOG);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const move = (from: Position | null, to: Position) => ({ from, to, time: null, events: 2, atEnd: true });
const positions = async (): Promise<unknown> =>
  (
    await pool.query(
      `select name, position, events_count, at_end_at is not null as "atEnd" from read_model.projections
       where log_id = $1 order by started_at, name`,
      [LOG],
    )
  ).rows;

test('Positions that are saved in one turn are saved by one statement, each only from where it was seen last', async () => {
  const statements: unknown[] = [];
  const query = pool.query.bind(pool) as (...all: unknown[]) => unknown;
  pool.query = ((...all: unknown[]) => (statements.push(all[0]), query(...all))) as Pool['query'];
  const saved = await Promise.allSettled([
    saveTogether(pool, one, move(null, at(2))),
    saveTogether(pool, two, move(at(1), at(2))),
    saveTogether(pool, three, move(null, at(2))),
  ]);
  // And one that tells why the second could not be.
  expect(statements).toHaveLength(2);
  expect(saved.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(saved[1]).toMatchObject({ reason: { name: PositionMoved.name, message: expect.stringContaining('two') } });
  const moved = { events_count: '2', position: at(2), atEnd: true };
  expect(await positions()).toStrictEqual([
    { name: 'one', ...moved },
    { name: 'two', events_count: '0', position: null, atEnd: false },
    { name: 'three', ...moved },
  ]);
  // Alone, and again.
  await saveTogether(pool, two, move(null, at(4)));
  await expect(saveTogether(pool, two, move(null, at(5)))).rejects.toThrow(PositionMoved);
});

test('Nobody waits for a position that is held, as by a rebuild, but who wants that one', async () => {
  const holder = await pool.connect();
  try {
    await holder.query('begin');
    await holder.query("select from read_model.projections where name = 'two' for update");
    const held = saveTogether(pool, two, move(at(4), at(6)));
    let isHeld = true;
    void held.then(() => (isHeld = false));
    await Promise.all([one, three].map((follower) => saveTogether(pool, follower, move(at(2), at(6)))));
    await saveTogether(pool, one, move(at(6), at(7)));
    expect(isHeld).toBe(true);
    await holder.query('commit');
    await held;
  } finally {
    holder.release(true);
  }
});
