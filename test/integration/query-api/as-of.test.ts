import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import type { Position } from '@rollbook/shared/event-log/event';
import { codeOf, detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { aContext } from '../../support/people.ts';
import { LOG_ID, positionOf, startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

let api: QueryApi;
const callers = new Map<Role, SignedIn>();
const as = (role: Role): SignedIn => callers.get(role)!;
let ann: SignedIn;
/** Of Ann: registered, renamed, signed in, deactivated. */
const places: Position[] = [];

const append = async (stream: string, event: AnyNewEvent): Promise<Position> => {
  const { end } = await api.log.read(stream);
  const { position } = (await api.log.append(stream, end, [event], aContext())) as { position: Position };
  return position;
};
const get = (caller: SignedIn, path: string): Promise<Seen> => probe(api.url, { path, headers: caller.headers });
const annAt = (asOf: string, caller = as('admin')): Promise<Seen> =>
  get(caller, `/v1/users/${ann.id}?as_of=${encodeURIComponent(asOf)}`);
const tokenFor = (position: Position, logId = LOG_ID): string =>
  api.tokens.issue({ logId, position, stream: userStream(ann.id), revision: 0 });

beforeAll(async () => {
  api = await startQueryApi();
  for (const role of ROLES) callers.set(role, await signIn(api.log, role));
  ann = await signIn(api.log, 'user');
  const [begun] = (await api.log.read(userStream(ann.id))).events;
  places.push(begun!.position);
  const named: AnyNewEvent = { type: 'ProfileChanged', data: { fields: ['name'] }, personal: { name: 'Ann' } };
  places.push(await append(userStream(ann.id), named));
  places.push(
    await append(signinStream(ann.id), { type: 'SignedIn', data: { sessionId: ann.sessionId }, personal: null }),
  );
  places.push(await append(userStream(ann.id), { type: 'UserDeactivated', data: {}, personal: null }));
});
afterAll(() => api.close());

describe('A person as they were', () => {
  test('is shown at every position, with the sign-in up to there, and the position it was asked for', async () => {
    const seen = await Promise.all(places.map((place) => annAt(place)));
    expect(seen.map(({ status, json }) => [status, json])).toEqual([
      [200, expect.objectContaining({ name: 'somebody', status: 'active', is_active: true, last_login: null })],
      [200, expect.objectContaining({ name: 'Ann', status: 'active', last_login: null })],
      [200, expect.objectContaining({ name: 'Ann', last_login: expect.any(String) })],
      [200, expect.objectContaining({ name: 'Ann', status: 'deactivated', is_active: false })],
    ]);
    expect(seen.map(({ headers }) => headers['projection-position'])).toEqual(places);
    expect(seen.map(({ headers }) => headers['projection-lag-ms'])).toEqual(places.map(() => '0'));
    expect(seen.map(({ headers }) => headers.etag)).toEqual(places.map(() => undefined));
  });

  test('is shown at a time and at a Consistency-Token, and only with the fields asked for', async () => {
    const registered = (await annAt(places[0]!)).json as { created_at: string };
    expect((await annAt(tokenFor(places[1]!))).json).toMatchObject({ name: 'Ann', status: 'active' });
    const now = await annAt(new Date().toISOString());
    expect(now.json).toMatchObject({ status: 'deactivated' });
    expect(now.headers['projection-position']).toBe(await api.log.end());
    const elsewhere = new Date(Date.parse(registered.created_at) + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    expect((await annAt(elsewhere)).json).toMatchObject({ id: ann.id, created_at: registered.created_at });
    const some = await get(as('admin'), `/v1/users/${ann.id}?as_of=${places[1]!}&fields=name,status`);
    expect(some.json).toEqual({ name: 'Ann', status: 'active' });
  });

  test('is not there before they were', async () => {
    expect((await annAt('2020-02-29T23:59:59Z')).status).toBe(404);
    expect((await annAt(positionOf(0))).status).toBe(404);
    const own = await get(as('user'), '/v1/users/me?as_of=2020-01-01T00:00:00Z');
    expect([own.status, codeOf(own)]).toEqual([404, 'NOT_FOUND']);
  });

  test.each([
    ['user', 404],
    ['moderator', 403],
    ['manager', 200],
    ['auditor', 200],
    ['admin', 200],
  ] as const)('is for who may read any history: %s gets %i', async (role, status) => {
    expect((await annAt(places[0]!, as(role))).status).toBe(status);
    const missing = await get(as(role), `/v1/users/${randomUUID()}?as_of=${places[0]!}`);
    expect([missing.status, codeOf(missing)]).toEqual([404, 'NOT_FOUND']);
    const own = await get(as(role), `/v1/users/me?as_of=${(await api.log.end())!}`);
    expect([own.status, own.json]).toEqual([200, expect.objectContaining({ id: as(role).id, role })]);
  });

  test('is nobody any more once they are erased, but for who may know that somebody was', async () => {
    const { id } = await signIn(api.log, 'user');
    const before = (await api.log.end())!;
    const erased = { type: 'PersonErased', data: { reason: 'requested' }, personal: null } as const;
    const after = await append(userStream(id), erased);
    // The key is not destroyed yet: even so nothing is shown.
    for (const role of ['user', 'moderator', 'manager'] as const)
      expect([role, (await get(as(role), `/v1/users/${id}?as_of=${before}`)).status]).toEqual([role, 404]);
    for (const role of ['auditor', 'admin'] as const) {
      const nothing = { username: null, email: null, name: null, preferences: null, picture_url: null };
      const then = await get(as(role), `/v1/users/${id}?as_of=${before}`);
      expect(then.json).toMatchObject({ id, status: 'active', ...nothing });
      const now = await get(as(role), `/v1/users/${id}?as_of=${after}`);
      expect(now.json).toMatchObject({ id, status: 'erased', ...nothing });
    }
  });
});

describe('What is no time and no position', () => {
  test.each([
    ['nothing', '', 'malformed'],
    ['a word', 'yesterday', 'malformed'],
    ['a date', '2026-01-01', 'malformed'],
    ['a time without seconds', '2026-01-01T00:00Z', 'malformed'],
    ['a time without an offset', '2026-01-01T00:00:00', 'malformed'],
    ['a day that never was', '2026-02-30T00:00:00Z', 'malformed'],
    ['a short position', '42', 'malformed'],
    ['a forged token', 'bTE.W10.AAAA', 'malformed'],
    ['the next year', new Date(Date.now() + 365 * 86_400_000).toISOString(), 'in_future'],
    ['a minute from now', new Date(Date.now() + 60_000).toISOString(), 'in_future'],
    ['a position beyond the end', '00000000000000009999', 'in_future'],
    ['a position of another kind of log', `${'0'.repeat(20)}-${'0'.repeat(20)}`, 'other_log'],
  ])('is refused, naming as_of: %s', async (_what, asOf, code) => {
    const seen = await annAt(asOf);
    expect([seen.status, codeOf(seen), detailsOf(seen)]).toEqual([400, 'VALIDATION_ERROR', [`as_of: ${code}`]]);
  });

  test('nor is a token of another log, a text without end, or two of them', async () => {
    expect(detailsOf(await annAt(tokenFor(places[0]!, randomUUID())))).toEqual(['as_of: other_log']);
    expect(detailsOf(await annAt('x'.repeat(3_000)))).toEqual(['as_of: too_big']);
    const twice = await get(as('admin'), `/v1/users/${ann.id}?as_of=${places[0]!}&as_of=${places[1]!}`);
    expect(detailsOf(twice)).toEqual(['as_of: repeated']);
  });

  test('but a position that only the read model has reached is one: a log has records of its own', async () => {
    const end = (await api.log.end())!;
    const beyond = String(BigInt(end) + 5n).padStart(20, '0') as Position;
    expect(detailsOf(await annAt(beyond))).toEqual(['as_of: in_future']);
    await api.moveTo(beyond);
    expect((await annAt(beyond)).status).toBe(200);
  });
});
