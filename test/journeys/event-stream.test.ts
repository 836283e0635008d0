import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { probe } from '../support/http-probe.ts';
import { journeyOn, query as sql } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { followEventsOf, type EventStream, type FollowOptions } from '../support/sse-client.ts';

/** The product's promise: no stream goes on longer than this (ms) once the answer of what ended it is there. */
const PROMISED = 1_000;
const PAGE = 'https://portal.example.org';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
const open: EventStream[] = [];
beforeAll(async () => {
  rollbook = await startRollbook({ LOG_LEVEL: 'silent', CORS_ORIGINS: PAGE }, { logDoor: true });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
}, 120_000);
afterAll(async () => {
  for (const stream of open) stream.close();
  await rollbook.stop();
});

const follow = async (token: string, options: FollowOptions = {}): Promise<EventStream> => {
  const stream = await followEventsOf(rollbook.url, token, options);
  open.push(stream);
  expect(stream.status).toBe(200);
  return stream;
};
const newKey = async (more: object = {}): Promise<{ readonly id: string; readonly key: string }> => {
  const { body } = await journey.post(
    '/api-keys',
    { name: 'follower', scopes: ['events:read'], ...more },
    { token: admin },
  );
  return { id: String(body.id), key: String(body.key) };
};
/** Makes an account; gives its id. */
const create = async (name: string): Promise<string> =>
  String((await journey.register(name, {}, { token: admin })).body.id);
const shows = (stream: EventStream, type: string, person: string): boolean =>
  stream.events.some((event) => event.type === type && event.data.subject === person);

test('A service that follows with its key hears at once of what happens to people', async () => {
  const stream = await follow((await newKey()).key);
  const id = await create('heard-of');
  await until('it is told', () => shows(stream, 'rollbook.user.registered.v1', id));
});

test('Two hundred readers all hear of it, over few connections to the log', async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => newKey()));
  const streams = await Promise.all(keys.flatMap(({ key }) => Array.from({ length: 40 }, () => follow(key))));
  const id = await create('known-to-many');
  await until(
    'all are told',
    () => streams.every((stream) => shows(stream, 'rollbook.user.registered.v1', id)),
    60_000,
  );
  const connections = await sql<{ n: number }>(
    rollbook,
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like '%query-api%'",
  );
  // Its pool, and what the log needs for reading, writing and listening.
  expect(connections[0]?.n).toBeLessThanOrEqual(20);
  for (const stream of streams) stream.close();
  await Promise.all(streams.map(({ end }) => end));
  // All places are free again.
  const again = await Promise.all(keys.flatMap(({ key }) => Array.from({ length: 40 }, () => follow(key))));
  for (const stream of again) stream.close();
}, 120_000);

test('Of somebody erased a replay shows what happened and nothing of what they were called', async () => {
  const id = await create('soon-forgotten');
  await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin });
  const stream = await follow(admin, { query: '?from=start' });
  await until('all came', () => shows(stream, 'rollbook.user.erased.v1', id));
  expect(shows(stream, 'rollbook.user.registered.v1', id)).toBe(true);
  expect(stream.text).not.toContain('soon-forgotten');
});

test('Whoever has seen the answer of a command follows from right after it, by its Consistency-Token', async () => {
  const made = await journey.register('token-giver', {}, { token: admin });
  const id = String(made.body.id);
  await call(rollbook.url, 'DELETE', `/users/${id}`, { token: admin });
  const stream = await follow(admin, { query: `?from=${made.headers.get('consistency-token') ?? ''}` });
  await until('it is told', () => shows(stream, 'rollbook.user.deactivated.v1', id));
  expect(shows(stream, 'rollbook.user.registered.v1', id)).toBe(false);
});

test('A snapshot of the list and the stream from its position together miss nobody', async () => {
  const before = await create('in-the-snapshot');
  const list = await call(rollbook.url, 'GET', '/users?page_size=1', { token: admin });
  const after = await create('after-the-snapshot');
  const stream = await follow(admin, { query: `?from=${list.headers.get('projection-position') ?? ''}` });
  await until('it is told', () => shows(stream, 'rollbook.user.registered.v1', after));
  const first = stream.events[0]?.data.position ?? '';
  expect(first > (list.headers.get('projection-position') ?? '')).toBe(true);
  expect([before, after]).toContain(stream.events[0]?.data.subject);
});

describe('A stream ends within a second', () => {
  const ENDINGS = {
    'of the end of its key': async () => {
      const { id, key } = await newKey();
      return { token: key, end: () => call(rollbook.url, 'DELETE', `/api-keys/${id}`, { token: admin }) };
    },
    'of signing out': async () => {
      const token = await journey.staff('leaves', 'auditor');
      return { token, end: () => call(rollbook.url, 'POST', '/auth/logout', { token }) };
    },
    'of another role': async () => {
      const token = await journey.staff('loses-role', 'auditor');
      const id = String((await journey.me(token)).body.id);
      const body = { role: 'manager' };
      return { token, end: () => call(rollbook.url, 'PUT', `/users/${id}/role`, { token: admin, body }) };
    },
    'of deactivation': async () => {
      const token = await journey.staff('is-deactivated', 'auditor');
      const id = String((await journey.me(token)).body.id);
      return { token, end: () => call(rollbook.url, 'DELETE', `/users/${id}`, { token: admin }) };
    },
  };
  test.each(Object.entries(ENDINGS))('%s', async (_name, prepare) => {
    const { token, end } = await prepare();
    const stream = await follow(token);
    await until('it has begun', () => stream.text !== '');
    expect([200, 204]).toContain((await end()).status);
    const ended = performance.now();
    expect(await stream.end).toBe('whole');
    expect(performance.now() - ended).toBeLessThanOrEqual(PROMISED);
    expect(
      (await probe(rollbook.url, { path: '/v1/events', headers: { Authorization: `Bearer ${token}` } })).status,
    ).toBe(401);
  });

  test('of the expiry of its key', async () => {
    const at = Date.now() + 2_000;
    const { key } = await newKey({ expires_at: new Date(at).toISOString() });
    const stream = await follow(key);
    expect(await stream.end).toBe('whole');
    expect(Date.now() - at).toBeLessThanOrEqual(PROMISED);
  });
});

test('A stream stays open while the log is away, and goes on without a gap', async () => {
  const { key } = await newKey();
  const stream = await follow(key);
  await until('it has begun', () => stream.text !== '');
  await rollbook.logDoor?.shut();
  await until('it says that it lives', () => stream.comments.length > 0, 60_000);
  const refused = await probe(rollbook.url, { path: '/v1/events', headers: { Authorization: `Bearer ${key}` } });
  expect([refused.status, refused.headers['retry-after']]).toStrictEqual([503, '2']);
  await rollbook.logDoor?.open();
  await until('the log is back', async () => (await journey.signIn('nobody', 'x')).status === 401, 60_000);
  const id = await create('after-the-outage');
  await until('it is told', () => shows(stream, 'rollbook.user.registered.v1', id), 60_000);
});

test('A page of a listed origin may follow, and says where it goes on', async () => {
  const asked = await probe(rollbook.url, {
    method: 'OPTIONS',
    path: '/v1/events',
    headers: {
      Origin: PAGE,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization,last-event-id',
    },
  });
  expect([asked.status, asked.headers['access-control-allow-origin']]).toStrictEqual([204, PAGE]);
  expect(asked.headers['access-control-allow-headers']).toContain('Last-Event-ID');
  expect(asked.headers['access-control-allow-methods']).toBe('GET, HEAD, OPTIONS');
  const stream = await follow(admin, { headers: { Origin: PAGE, Accept: 'image/png' } });
  const { 'access-control-allow-origin': allowed, 'content-type': type } = stream.headers;
  expect([allowed, type]).toStrictEqual([PAGE, 'text/event-stream; charset=utf-8']);
});

test('A query-api that stops does not wait for its readers: their streams end, and they may come back elsewhere', async () => {
  const streams = await Promise.all([follow(admin), follow(admin, { query: '?from=start' })]);
  await until('both have begun', () => streams.every(({ text }) => text !== ''));
  await rollbook.services['queryApi']?.stop();
  expect(await Promise.all(streams.map(({ end }) => end))).toStrictEqual(['whole', 'whole']);
});
