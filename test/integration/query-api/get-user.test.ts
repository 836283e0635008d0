import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { codeOf, detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { LOG_ID, positionOf, startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { endSession, signIn, type SignedIn } from '../../support/signed-in.ts';

let api: QueryApi;
const callers = new Map<Role, SignedIn>();
const as = (role: Role): SignedIn => callers.get(role)!;
const get = (caller: SignedIn, path: string, headers: Record<string, string> = {}): Promise<Seen> =>
  probe(api.url, { path, headers: { ...caller.headers, ...headers } });

beforeAll(async () => {
  api = await startQueryApi();
  for (const role of ROLES) {
    const caller = await signIn(api.log, role);
    callers.set(role, caller);
    await api.add({ id: caller.id, role, revision: 2, sign_ins: 3 });
  }
});
afterAll(() => api.close());

describe('A person', () => {
  test('is shown with every field, times in UTC, and an ETag of revision and sign-ins', async () => {
    const id = await api.add({
      username: 'ann',
      email: 'ann@example.com',
      preferences: { theme: { dark: true } },
      created_at: '2026-02-03T04:05:06.007+02:00',
      last_login: '2026-02-04T00:00:00.5Z',
      revision: 4,
      sign_ins: 1,
    });
    const seen = await get(as('moderator'), `/v1/users/${id}`);
    expect(seen.status).toBe(200);
    expect(seen.headers.etag).toBe('"4.1"');
    expect(seen.json).toEqual({
      id,
      username: 'ann',
      email: 'ann@example.com',
      email_verified: true,
      pending_email: null,
      name: null,
      first_name: null,
      last_name: null,
      phone: null,
      role: 'user',
      status: 'active',
      is_active: true,
      preferences: { theme: { dark: true } },
      picture_url: null,
      created_at: '2026-02-03T02:05:06.007Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      last_login: '2026-02-04T00:00:00.500Z',
    });
  });

  test.each(ROLES)('sees themselves, by id and as me: %s', async (role) => {
    const caller = as(role);
    const [me, own] = await Promise.all([get(caller, '/v1/users/me'), get(caller, `/v1/users/${caller.id}`)]);
    expect([me.status, own.status]).toEqual([200, 200]);
    expect(me.json).toEqual(own.json);
    expect(me.headers.etag).toBe('"2.3"');
  });

  test('is hidden from another ordinary person exactly as somebody who is not there', async () => {
    const id = await api.add({});
    const bodyOf = (seen: Seen) => (seen.json as { error: { code: string; message: string; details: unknown } }).error;
    const [hidden, missing] = await Promise.all([
      get(as('user'), `/v1/users/${id}`),
      get(as('user'), `/v1/users/${randomUUID()}`),
    ]);
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    const [a, b] = [bodyOf(hidden), bodyOf(missing)];
    expect([a.code, a.message, a.details]).toEqual([b.code, b.message, b.details]);
    expect(Object.keys(hidden.headers)).toEqual(Object.keys(missing.headers));
  });

  test.each([
    ['admin', 200],
    ['auditor', 200],
    ['manager', 404],
    ['moderator', 404],
    ['user', 404],
  ] as const)('that was erased is a fact for administrators and auditors only: %s gets %i', async (role, status) => {
    const id = await api.add({ status: 'erased', username: null, email: null, preferences: null });
    const seen = await get(as(role), `/v1/users/${id}`);
    expect(seen.status).toBe(status);
    if (status === 200) {
      expect(seen.json).toMatchObject({ id, status: 'erased', is_active: false, email: null, username: null });
    }
  });

  test('is found by an id in capitals', async () => {
    const id = await api.add({});
    expect((await get(as('admin'), `/v1/users/${id.toUpperCase()}`)).status).toBe(200);
  });

  test('is not sent again while the ETag is the same', async () => {
    const seen = await get(as('user'), '/v1/users/me', { 'If-None-Match': 'W/"2.3"' });
    expect([seen.status, seen.text]).toEqual([304, '']);
    expect(seen.headers['projection-position']).toBe(positionOf(1));
    expect((await get(as('user'), '/v1/users/me', { 'If-None-Match': '"2"' })).status).toBe(200);
  });
});

describe('Who asks', () => {
  test('is refused without a token, with a false one, and after the session ended', async () => {
    const missing = await probe(api.url, { path: '/v1/users/me' });
    expect([missing.status, ...detailsOf(missing)]).toEqual([401, 'Authorization: token_missing']);
    const wrong = await probe(api.url, { path: '/v1/users/me', headers: { Authorization: 'Bearer a.b.c' } });
    expect([wrong.status, ...detailsOf(wrong)]).toEqual([401, 'Authorization: token_invalid']);
    const leaving = await signIn(api.log, 'admin');
    expect((await get(leaving, '/v1/users')).status).toBe(200);
    await endSession(api.log, leaving);
    const ended = await get(leaving, '/v1/users');
    expect([ended.status, ...detailsOf(ended)]).toEqual([401, 'Authorization: session_ended']);
  });

  test('is told when the token has expired', async () => {
    const old = await signIn(api.log, 'admin', { now: Date.now() - 3_600_000 });
    const seen = await get(old, '/v1/users/me');
    expect([seen.status, ...detailsOf(seen)]).toEqual([401, 'Authorization: token_expired']);
  });
});

describe('How far the read model is', () => {
  const tokenFor = (n: number, stream = `user-${randomUUID()}`, logId = LOG_ID): Record<string, string> => ({
    'Consistency-Token': api.tokens.issue({ logId, position: positionOf(n), stream, revision: 0 }),
  });

  test('stands on every answer, refusals of the person included', async () => {
    for (const path of ['/v1/users/me', '/v1/users', `/v1/users/${randomUUID()}`]) {
      const { headers } = await get(as('admin'), path);
      expect(headers['projection-position']).toBe(positionOf(1));
      expect(headers['projection-lag-ms']).toMatch(/^\d+$/);
    }
  });

  test('a query waits for what its token vouches for', async () => {
    const waiting = get(as('admin'), '/v1/users', tokenFor(2));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await api.moveTo(positionOf(2));
    const seen = await waiting;
    expect([seen.status, seen.headers['projection-position']]).toEqual([200, positionOf(2)]);
  });

  test('a query gives up after two seconds, and says when to come again', async () => {
    const begun = Date.now();
    const seen = await get(as('admin'), '/v1/users', tokenFor(99));
    expect([seen.status, codeOf(seen), seen.headers['retry-after']]).toEqual([503, 'SERVICE_UNAVAILABLE', '1']);
    expect(Date.now() - begun).toBeGreaterThan(1_900);
    expect(Date.now() - begun).toBeLessThan(3_500);
  });

  test('a caller whose session ends while the query waits is refused', async () => {
    const leaving = await signIn(api.log, 'admin');
    const waiting = get(leaving, '/v1/users', tokenFor(3));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await endSession(api.log, leaving);
    await api.moveTo(positionOf(3));
    expect((await waiting).status).toBe(401);
  });

  test.each(['', 'x', 'a.b.c'])('a token that was not given out here is 400: «%s»', async (token) => {
    const seen = await get(as('admin'), '/v1/users', { 'Consistency-Token': token });
    expect([seen.status, detailsOf(seen)]).toEqual([400, ['Consistency-Token: malformed']]);
  });

  test('a token of another log is 400', async () => {
    const seen = await get(as('admin'), '/v1/users', tokenFor(1, 'service', randomUUID()));
    expect([seen.status, detailsOf(seen)]).toEqual([400, ['Consistency-Token: other_log']]);
  });

  test('nobody is shown what the log no longer holds', async () => {
    const mark = (at: string): Promise<unknown> =>
      api.pool.query(`update read_model.projections set other_log_at = ${at} where name = 'user_directory'`);
    await mark('now()');
    try {
      expect((await get(as('admin'), '/v1/users')).status).toBe(503);
      expect((await get(as('admin'), '/v1/users', tokenFor(1, 'service'))).status).toBe(503);
      expect((await probe(api.url, { path: '/health/ready' })).status).toBe(503);
    } finally {
      await mark('null');
    }
    expect((await get(as('admin'), '/v1/users', tokenFor(1, 'service'))).status).toBe(200);
  });

  test('the own parked events make a token 503, those of others do not', async () => {
    const [stuck, other] = [randomUUID(), randomUUID()];
    await api.pool.query(
      `insert into read_model.parked_events (name, version, position, person, event_id, stream, revision, type, reason)
       values ('user_directory', 1, $1, $2, $3, $4, 0, 'UserRegistered', 'test')`,
      [positionOf(1), stuck, randomUUID(), `user-${stuck}`],
    );
    expect((await get(as('admin'), '/v1/users', tokenFor(1, `user-${stuck}`))).status).toBe(503);
    expect((await get(as('admin'), '/v1/users', tokenFor(1, `user-${other}`))).status).toBe(200);
  });

  test('somebody whose own row is not there yet is told to come again', async () => {
    const fresh = await signIn(api.log, 'user');
    const seen = await get(fresh, '/v1/users/me');
    expect([seen.status, codeOf(seen)]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});

describe('Readiness', () => {
  test('names the read model while there is no live one', async () => {
    expect((await probe(api.url, { path: '/health/ready' })).status).toBe(200);
    await api.pool.query("update read_model.projections set state = 'building'");
    const seen = await probe(api.url, { path: '/health/ready' });
    expect([seen.status, detailsOf(seen)]).toEqual([
      503,
      ['user_directory: down', 'user_sessions: down', 'erasures: down', 'api_keys: down', 'audit_index: down'],
    ]);
    expect((await get(as('admin'), '/v1/users')).status).toBe(503);
    await api.pool.query("update read_model.projections set state = 'live'");
  });
});
