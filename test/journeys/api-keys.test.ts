import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type CallOptions, type ClientAnswer } from '../support/client.ts';
import { eventsIn, journeyOn, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { everyTable, Wanted } from '../support/search-everything.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

const INVALID = [401, 'UNAUTHORIZED', 'Authorization', 'token_invalid'];
const FORBIDDEN = [403, 'FORBIDDEN'];
const fresh = (answer: ClientAnswer) => ({ 'consistency-token': answer.headers.get('consistency-token') ?? '' });
const create = (more: object = {}, options: CallOptions = {}): Promise<ClientAnswer> =>
  journey.post('/api-keys', { name: 'billing', scopes: ['users:read'], ...more }, { token: admin, ...options });
const revoke = (id: string, options: CallOptions = {}): Promise<ClientAnswer> =>
  call(rollbook.url, 'DELETE', `/api-keys/${id}`, { token: admin, ...options });
const get = (path: string, token: string, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  call(rollbook.url, 'GET', path, { token, headers });
const list = (headers: Record<string, string>): Promise<ClientAnswer> => get('/api-keys', admin, headers);
/** Asks until the answer is as wanted; fails when it is not within a second. */
const withinASecond = async (ask: () => Promise<ClientAnswer>, status: number): Promise<ClientAnswer> => {
  const since = Date.now();
  for (;;) {
    const at = Date.now();
    const answer = await ask();
    if (answer.status === status) return answer;
    if (at - since > 1_000) throw new Error(`${String(answer.status)} a second later, instead of ${String(status)}`);
  }
};

describe('An API key', () => {
  test('is shown once, opens what its scope says, and nothing else', async () => {
    const made = await create({ rate_limit_per_hour: 5_000 });
    expect([made.status, made.headers.get('etag')]).toStrictEqual([201, '"0"']);
    expect(made.headers.get('location')).toBe(`/v1/api-keys/${String(made.body.id)}`);
    expect(made.body).toStrictEqual({
      id: expect.any(String),
      name: 'billing',
      scopes: ['users:read'],
      rate_limit_per_hour: 5_000,
      status: 'active',
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      created_by: (await journey.me(admin)).body.id,
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
      key: expect.stringMatching(/^rbk_[0-9a-f]{32}_[0-9a-f]{72}$/),
    });
    const key = String(made.body.key);
    const someone = await journey.register('read-by-key');
    const people = await get('/users', key, fresh(someone));
    expect(people.body.data.map(({ username }: { username: string }) => username)).toContain('read-by-key');
    expect((await get(`/users/${String(someone.body.id)}`, key)).body.username).toBe('read-by-key');
    expect((await get('/roles', key)).status).toBe(200);
    expect(refusal(await get(`/users/${String(someone.body.id)}/picture`, key))).toStrictEqual([404, 'NOT_FOUND']);
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(refusal(await get(`/users/${missing}`, key))).toStrictEqual([404, 'NOT_FOUND']);
    for (const path of ['/users/me', '/api-keys', '/erasures', `/users/${String(someone.body.id)}/sessions`])
      expect(refusal(await get(path, key))).toStrictEqual(FORBIDDEN);
  });

  test('gives no command, not even one that needs no rights', async () => {
    const { key } = (await create({ scopes: ['users:read', 'events:read', 'audit:read'] })).body;
    const before = (await eventsIn(rollbook)).length;
    const commands = [
      ['POST', '/users', { email: 'by-key@example.com', password: 'Correct-Horse-7' }],
      ['POST', '/api-keys', { name: 'another', scopes: ['users:read'] }],
      ['POST', '/auth/logout-all', undefined],
      ['PATCH', '/users/00000000-0000-4000-8000-000000000000', { name: 'x' }],
      ['DELETE', '/users/00000000-0000-4000-8000-000000000000', undefined],
    ] as const;
    for (const [method, path, body] of commands)
      expect(refusal(await call(rollbook.url, method, path, { token: key, body }))).toStrictEqual(FORBIDDEN);
    expect(await eventsIn(rollbook)).toHaveLength(before);
  });

  test('without the scope opens nothing', async () => {
    const { key } = (await create({ scopes: ['events:read'] })).body;
    for (const path of ['/users', '/roles', '/users/me'])
      expect(refusal(await get(path, key))).toStrictEqual(FORBIDDEN);
  });

  test('that is unknown, mistyped or somebody’s guess is answered in one form on both APIs', async () => {
    const { key } = (await create()).body as { key: string };
    const unknown = 'rbk_00000000000040008000000000000000_'.padEnd(101, '0');
    for (const token of [
      unknown,
      `${key}0`,
      key.slice(0, -1),
      'rbk_',
      key.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
    ]) {
      const answers = [await get('/users', token), await call(rollbook.url, 'POST', '/auth/logout-all', { token })];
      for (const answer of answers) {
        expect(refusal(answer)).toStrictEqual(INVALID);
        expect(answer.body.error.message).toBe('The API key is not valid.');
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="rollbook", error="invalid_token"');
      }
    }
  });

  test('stops working within a second of its revocation, on both APIs, and for good', async () => {
    const { id, key } = (await create()).body as { id: string; key: string };
    expect((await get('/users', key)).status).toBe(200);
    const command = () => call(rollbook.url, 'POST', '/auth/logout-all', { token: key });
    expect(refusal(await command())).toStrictEqual(FORBIDDEN);
    const revoked = await revoke(id);
    expect([revoked.status, revoked.body]).toStrictEqual([204, null]);
    const [read, changed] = await Promise.all([
      withinASecond(() => get('/users', key), 401),
      withinASecond(command, 401),
    ]);
    expect([refusal(read), refusal(changed)]).toStrictEqual([INVALID, INVALID]);
    expect((await revoke(id)).status).toBe(204);
    expect(await typesIn(rollbook, `apikey-${id}`)).toStrictEqual(['ApiKeyCreated', 'ApiKeyRevoked']);
    expect(refusal(await revoke('00000000-0000-4000-8000-000000000000'))).toStrictEqual([404, 'NOT_FOUND']);
  });

  test('ends when it expires', async () => {
    const expiresAt = new Date(Date.now() + 1_500);
    const made = await create({ expires_at: expiresAt.toISOString() });
    const key = String(made.body.key);
    expect((await get('/users', key)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, expiresAt.getTime() - Date.now() + 1));
    expect(refusal(await get('/users', key))).toStrictEqual(INVALID);
    const [first] = (await list(fresh(made))).body.data;
    expect(first).toMatchObject({ id: made.body.id, status: 'expired', expires_at: expiresAt.toISOString() });
  });

  test('outlives the administrator who made it, but its name does not', async () => {
    const body = { email: 'leaving@example.com', username: 'leaving', password: 'Correct-Horse-7', role: 'admin' };
    const leaving = await journey.post('/users', body, { token: admin });
    const token = String((await journey.signIn('leaving')).body.access_token);
    const made = await create({ name: 'Leaver’s own words' }, { token });
    expect((await list(fresh(made))).body.data[0]).toMatchObject({ id: made.body.id, name: 'Leaver’s own words' });
    const erased = await call(rollbook.url, 'DELETE', `/users/${String(leaving.body.id)}?soft_delete=false`, {
      token: admin,
    });
    expect(erased.status).toBe(204);
    expect((await list(fresh(erased))).body.data[0]).toMatchObject({ id: made.body.id, name: null, status: 'active' });
    const key = String(made.body.key);
    expect((await get('/users', key)).status).toBe(200);
    // That somebody was erased is nothing for a key.
    const path = `/users/${String(leaving.body.id)}`;
    expect((await get(path, admin, fresh(erased))).body.status).toBe('erased');
    expect(refusal(await get(path, key, fresh(erased)))).toStrictEqual([404, 'NOT_FOUND']);
    const words = new Wanted(['Leaver’s own words']);
    for (const [name, rows] of await everyTable(rollbook.databaseUrl))
      expect([name, words.in(rows)]).toEqual([name, []]);
  });
});
