import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '@rollbook/shared/process/logger';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { start as startQueryApi } from '../../query-api/src/main.ts';
import { call, type CallOptions, type ClientAnswer } from '../support/client.ts';
import { eventsIn, journeyOn, query, refusal, typesIn } from '../support/journey.ts';
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

const FORBIDDEN = [403, 'FORBIDDEN'];
const fresh = (answer: ClientAnswer) => ({ 'consistency-token': answer.headers.get('consistency-token') ?? '' });
const create = (more: object = {}, options: CallOptions = {}): Promise<ClientAnswer> =>
  journey.post('/api-keys', { name: 'billing', scopes: ['users:read'], ...more }, { token: admin, ...options });
const revoke = (id: string, options: CallOptions = {}): Promise<ClientAnswer> =>
  call(rollbook.url, 'DELETE', `/api-keys/${id}`, { token: admin, ...options });
const get = (path: string, token: string, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  call(rollbook.url, 'GET', path, { token, headers });
const list = (headers: Record<string, string> = {}, search = ''): Promise<ClientAnswer> =>
  get(`/api-keys${search}`, admin, headers);
describe('The list of API keys', () => {
  test('is for administrators, newest first, page by page, by status', async () => {
    const manager = await journey.staff('keyless', 'manager');
    expect(refusal(await get('/api-keys', manager))).toStrictEqual(FORBIDDEN);
    expect(refusal(await create({}, { token: manager }))).toStrictEqual(FORBIDDEN);
    const older = await create({ name: 'older' });
    const newer = await create({ name: 'newer', scopes: ['audit:read', 'users:read', 'audit:read'] });
    expect(newer.body.scopes).toStrictEqual(['users:read', 'audit:read']);
    const first = await list(fresh(newer), '?page_size=1');
    const second = await list({}, '?page_size=1&page=2');
    expect(first.headers.get('projection-position')).not.toBeNull();
    const { key: _key, ...shown } = newer.body as { key: string };
    expect(first.body.data).toStrictEqual([shown]);
    expect(second.body.data).toStrictEqual([expect.objectContaining({ id: older.body.id, name: 'older' })]);
    expect(first.body.pagination).toMatchObject({ current_page: 1, total_items: 2, has_next: true });
    expect(second.body.pagination).toMatchObject({ current_page: 2, total_pages: 2, has_next: false });
    const revoked = await revoke(String(older.body.id), { headers: { 'if-match': '"0"' } });
    const ended = await list(fresh(revoked), '?status=revoked&limit=1');
    expect(ended.body.data[0]).toMatchObject({ id: older.body.id, status: 'revoked', revoked_at: expect.any(String) });
    expect((await list({}, '?status=gone')).status).toBe(400);
    expect((await list({}, '?sort_by=name')).status).toBe(400);
  });

  test('shows the last use, which is written when a copy of query-api ends, and not with every request', async () => {
    const made = await create();
    const key = String(made.body.key);
    const other = await startQueryApi({ ...rollbook.env, PORT: '0' });
    const before = new Date();
    for (let n = 0; n < 3; n += 1)
      expect((await call(other.addresses['http'] ?? '', 'GET', '/users', { token: key })).status).toBe(200);
    const after = new Date();
    expect((await list(fresh(made))).body.data[0]).toMatchObject({ id: made.body.id, last_used_at: null });
    await other.stop();
    const [shown] = (await list()).body.data as { last_used_at: string }[];
    expect(new Date(shown!.last_used_at).getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(new Date(shown!.last_used_at).getTime()).toBeLessThanOrEqual(after.getTime());
    // A reading is no event.
    expect(await typesIn(rollbook, `apikey-${String(made.body.id)}`)).toStrictEqual(['ApiKeyCreated']);
  });
});

describe('Making an API key', () => {
  test('sent again makes no second one, and does not show the key again', async () => {
    const headers = { 'idempotency-key': 'make-me-once' };
    const first = await create({}, { headers });
    const second = await create({}, { headers });
    expect(first.body.key).not.toBeNull();
    expect([second.status, second.body]).toStrictEqual([201, { ...first.body, key: null }]);
    expect(second.headers.get('consistency-token')).toBe(first.headers.get('consistency-token'));
    // Also when the stored answer was lost.
    await query(rollbook, 'delete from command.stored_answers');
    expect((await create({}, { headers })).body).toStrictEqual({ ...first.body, key: null });
    expect((await create({ name: 'other' }, { headers })).status).toBe(422);
  });

  test.each([
    ['a field that is not known', { role: 'admin' }, 'role', 'unknown_field'],
    ['no name', { name: undefined }, 'name', 'required'],
    ['an empty name', { name: '' }, 'name', 'length'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name', 'length'],
    ['a name with a line break', { name: 'a\nb' }, 'name', 'unsafe_character'],
    ['no scope', { scopes: [] }, 'scopes', 'too_small'],
    ['a scope that is not known', { scopes: ['users:read', 'users:write'] }, 'scopes.1', 'invalid_value'],
    ['a limit of nothing', { rate_limit_per_hour: 0 }, 'rate_limit_per_hour', 'too_small'],
    ['a limit that is no whole number', { rate_limit_per_hour: 1.5 }, 'rate_limit_per_hour', 'invalid_type'],
    ['a limit that no number keeps', { rate_limit_per_hour: 2 ** 53 + 2 }, 'rate_limit_per_hour', 'unstorable'],
    ['an end that is past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at', 'not_in_future'],
    ['an end that is no time', { expires_at: 'tomorrow' }, 'expires_at', 'invalid_format'],
  ])('is refused with %s', async (_what, more, field, code) => {
    expect(refusal(await create(more))).toStrictEqual([400, 'VALIDATION_ERROR', field, code]);
  });

  test('leaves the key in no table, no event, no message and no stored answer', async () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'test', level: 'trace' }, { write: (line) => lines.push(line) });
    const env = { ...rollbook.env, PORT: '0' };
    const [commands, queries] = [await startCommandApi(env, { logger }), await startQueryApi(env, { logger })];
    const made = await call(commands.addresses['http'] ?? '', 'POST', '/api-keys', {
      token: admin,
      headers: { 'idempotency-key': 'leave-nothing' },
      body: { name: 'Never-in-clear', scopes: ['users:read'] },
    });
    const key = String(made.body.key);
    for (const path of [`/users?q=${key}`, '/users', '/users/me'])
      await call(queries.addresses['http'] ?? '', 'GET', path, { token: key });
    await call(commands.addresses['http'] ?? '', 'POST', '/auth/logout-all', { token: key });
    await list(fresh(made));
    await revoke(String(made.body.id));
    await Promise.all([commands.stop(), queries.stop()]);
    const [, , secret = ''] = key.split('_');
    const raw = Buffer.from(secret.slice(0, 64), 'hex');
    const wanted = new Wanted([key, secret.slice(0, 64), raw.toString('base64').slice(0, 42), raw.toString('latin1')]);
    const everything = [...(await everyTable(rollbook.databaseUrl))].map(([name, rows]) => [name, rows] as const);
    const events = JSON.stringify(await eventsIn(rollbook));
    expect(events).toContain('ApiKeyCreated');
    expect(lines.join('')).toContain('/v1/users/me');
    for (const [name, text] of [...everything, ['log', events] as const, ['output', lines.join('')] as const])
      expect([name, wanted.in(text)]).toStrictEqual([name, []]);
    // The name is in the read model only.
    const name = new Wanted(['Never-in-clear']);
    const places = [...everything, ['log', events] as const].filter(([, text]) => name.in(text).length > 0);
    expect(places.map(([place]) => place)).toStrictEqual(['read_model.api_keys']);
  });
});
