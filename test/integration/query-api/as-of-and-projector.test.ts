import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { NOTHING_PERSONAL } from '@rollbook/shared/person/user-resource';
import { userStream } from '@rollbook/shared/contracts/streams';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import type { Client } from '@rollbook/shared/sql/pool';
import { applyOpened, openConcerned } from '../../../projector/src/project-in-order/apply-page.ts';
import { userDirectory } from '../../../projector/src/user-directory/user-directory.ts';
import { userAsOf } from '../../../query-api/src/get-user/user-as-of.ts';
import { toResource, USER_JSON, type UserRow } from '../../../query-api/src/read-model/user-row.ts';
import { anyLife } from '../../support/any-life.ts';
import { drawFrom } from '../../support/draw.ts';
import { happen } from '../../support/people.ts';
import { startPostgresLog, type PostgresLog } from '../../support/postgres-log.ts';

const PEOPLE = 200;
const EVENTS_EACH = 6;
const POSITIONS = 1_000;
/** Lives that go on at the same time. */
const LANES = 8;

const seed = Date.now() % 1_000_000;
const draw = drawFrom(seed);
const oneOf = <T>(things: readonly T[]): T => things[Math.floor(draw() * things.length)] as T;

const keys = new MemoryKeyRing({ random });
let database: PostgresLog;
let store: EventStore;
let log: EventLog;
const people: string[] = [];
const erased = new Set<string>();
let events: readonly StoredEvent[];

beforeAll(async () => {
  database = await startPostgresLog();
  store = database.open();
  log = sealedEventLog({ store, keys, clock, random });
  const lives = Array.from({ length: PEOPLE }, () => anyLife(2 + Math.floor(draw() * 2 * EVENTS_EACH), draw));
  const lanes = Array.from({ length: LANES }, async () => {
    for (let next = lives.pop(); next; next = lives.pop()) {
      people.push(next.id);
      for (const { stream, event } of next.life) {
        await happen({ log, store }, stream, event);
        if (event.type === 'PersonErased') erased.add(next.id);
      }
    }
  });
  await Promise.all(lanes);
  for (const id of erased) await keys.destroy(id);
  events = (await store.readAll({ after: null, limit: 100_000 })).events;
}, 120_000);
afterAll(() => database.end());

/** What `GET /users/{id}` answers from the read model as it stands; nothing personal of who was erased since. */
const shown = async (client: Client, id: string): Promise<object | null> => {
  const text = `select ${USER_JSON} as row from read_model.user_directory u where u.id = $1`;
  const { rows } = await client.query<{ row: UserRow }>(text, [id]);
  const [found] = rows;
  if (!found) return null;
  return { ...toResource(found.row), ...(erased.has(id) && NOTHING_PERSONAL) };
};

const folded = async (id: string, position: Position): Promise<object | null> =>
  userAsOf(log, id, (await log.read(userStream(id))).events, { position });

test('Folding the log by as_of at 1,000 random positions equals a projector that was stopped there', async () => {
  const onParked = (event: StoredEvent, reason: string): void => {
    throw new Error(`${event.type} was parked: ${reason}`);
  };
  const client = await database.sql.connect();
  try {
    await client.query('begin');
    const stops = Array.from({ length: POSITIONS }, () => Math.floor(draw() * events.length)).sort((a, b) => a - b);
    let applied = 0;
    let existed = 0;
    for (const stop of stops) {
      const page = events.slice(applied, stop + 1);
      const tools = { store, keys, readModel: userDirectory, onParked };
      await applyOpened(client, await openConcerned(page, tools), tools);
      applied = stop + 1;
      const { stream, position } = events[stop] as StoredEvent;
      for (const id of [stream.replace(/^[a-z]+-/, ''), oneOf(people)]) {
        const user = await folded(id, position);
        if (user !== null) existed += 1;
        expect([seed, position, id, user]).toStrictEqual([seed, position, id, await shown(client, id)]);
      }
    }
    expect(existed).toBeGreaterThan(POSITIONS);
    expect(erased.size).toBeGreaterThan(5);
  } finally {
    await client.query('rollback');
    client.release();
  }
}, 120_000);
