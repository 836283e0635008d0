import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { journeyOn, PASSWORD, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import type { Schemas } from '../support/typed-client.ts';

type Entry = Schemas['HistoryPage']['data'][number];

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
let auditor: string;
beforeAll(async () => {
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
  auditor = await journey.staff('audrey', 'auditor');
});
afterAll(() => rollbook.stop());

const send = (method: string, path: string, token: string, body?: object, id?: string): Promise<ClientAnswer> =>
  call(rollbook.url, method, path, {
    token,
    ...(body && { body }),
    headers: { 'user-agent': 'Journey/1', ...(id !== undefined && { 'x-request-id': id }) },
  });
const pageOf = (id: string, token: string, query: { readonly page_size?: string; readonly cursor?: string } = {}) =>
  journey.as(token).GET('/v1/users/{id}/history', { params: { path: { id }, query } });
const historyOf = async (id: string, token: string): Promise<readonly Entry[]> => {
  const { status, body } = await pageOf(id, token);
  expect(status).toBe(200);
  return body.data;
};
const showAt = (id: string, token: string, asOf?: string) =>
  journey.as(token).GET('/v1/users/{id}', { params: { path: { id }, query: { ...(asOf && { as_of: asOf }) } } });
const erase = (id: string) =>
  journey.as(admin).DELETE('/v1/users/{id}', { params: { path: { id }, query: { soft_delete: 'false' } } });
const find = (entries: readonly Entry[], type: string): Entry => {
  const found = entries.find((entry) => entry.type === type);
  if (!found) throw new Error(`There is no ${type} among ${entries.map((entry) => entry.type).join()}`);
  return found;
};

/** Somebody who changed their name and password, failed to sign in, and whom the administrator made a moderator. */
const life = async (name: string): Promise<{ readonly id: string; readonly token: string; readonly began: string }> => {
  const { body, headers } = await journey.register(name, { first_name: 'First' });
  const began = headers.get('consistency-token') ?? '';
  await journey.verify(name);
  await journey.signIn(name, 'Wrong-Horse-7');
  const signedIn = await journey.signIn(name);
  const id = String(body.id);
  const token = String(signedIn.body.access_token);
  await send('PATCH', `/users/${id}`, token, { first_name: 'Second', preferences: { theme: 'dark' } }, 'req-renamed');
  const change = { current_password: PASSWORD, new_password: 'Another-Horse-8' };
  expect((await send('POST', '/auth/change-password', token, change)).status).toBe(204);
  expect((await send('PUT', `/users/${id}/role`, admin, { role: 'moderator' }, 'req-promoted')).status).toBe(200);
  const again = await journey.signIn(name, 'Another-Horse-8');
  return { id, token: String(again.body.access_token), began };
};

describe('The history of a person', () => {
  test('says what changed, by whom, when, from where and by which request; the newest first', async () => {
    const { id } = await life('helen');
    const entries = await historyOf(id, auditor);
    expect(entries.map(({ type }) => type)).toStrictEqual([
      ...['SignedIn', 'RoleChanged', 'PasswordChanged', 'ProfileChanged', 'SignedIn', 'SignInFailed'],
      ...['EmailVerified', 'EmailVerificationRequested', 'UserRegistered'],
    ]);
    expect(entries.map(({ position }) => position)).toStrictEqual(
      entries.map(({ position }) => position).toSorted((a, b) => (a < b ? 1 : -1)),
    );
    const renamed = find(entries, 'ProfileChanged');
    expect(renamed).toMatchObject({
      actor: { kind: 'person', id, role: 'user', is_self: true },
      ...{ request_id: 'req-renamed', address: '127.0.0.1', user_agent: 'Journey/1' },
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      changes: [
        { field: 'name', before: 'First', after: 'Second' },
        { field: 'first_name', before: 'First', after: 'Second' },
        { field: 'preferences', before: {}, after: { theme: 'dark' } },
      ],
    });
    const promoted = find(entries, 'RoleChanged');
    expect(promoted).toMatchObject({
      actor: { kind: 'person', role: 'admin', is_self: false },
      request_id: 'req-promoted',
    });
    expect(promoted).toMatchObject({
      user_agent: 'Journey/1',
      changes: [{ field: 'role', before: 'user', after: 'moderator' }],
    });
    expect(find(entries, 'PasswordChanged').changes).toStrictEqual([{ field: 'password', before: null, after: null }]);
    expect(find(entries, 'SignInFailed')).toMatchObject({
      actor: { kind: 'anonymous', id: null, role: null, is_self: false },
      ...{ address: '127.0.0.1', details: { where: 'sign-in' }, changes: [] },
    });
    const [last, first] = entries.filter(({ type }) => type === 'SignedIn');
    expect(last?.changes).toStrictEqual([{ field: 'last_login', before: first?.at, after: last?.at }]);
    expect(first?.changes).toStrictEqual([{ field: 'last_login', before: null, after: first?.at }]);
    expect(JSON.stringify(entries)).not.toMatch(/Horse|\$2b\$/);
  });

  test('shows others to the person by their role only, and can be read by nobody else', async () => {
    const { id, token } = await life('hugo');
    const entries = await historyOf(id, token);
    expect(find(entries, 'RoleChanged')).toMatchObject({
      actor: { kind: 'person', id: null, role: 'admin', is_self: false },
      ...{ address: null, user_agent: null, request_id: 'req-promoted' },
      changes: [{ field: 'role', before: 'user', after: 'moderator' }],
    });
    expect(find(entries, 'ProfileChanged')).toMatchObject({ actor: { id }, address: '127.0.0.1' });
    const stranger = String((await journey.member('stranger')).body.access_token);
    expect(refusal(await pageOf(id, stranger))).toStrictEqual([404, 'NOT_FOUND']);
    const moderator = await journey.staff('moddy', 'moderator');
    expect(refusal(await pageOf(id, moderator))).toStrictEqual([403, 'FORBIDDEN']);
  });

  test('comes in pages, each entry once, also while more happens', async () => {
    const { id, token } = await life('iris');
    const whole = await historyOf(id, token);
    const paged: Entry[] = [];
    for (let query: Parameters<typeof pageOf>[2] | null = { page_size: '2' }; query !== null;) {
      const { body }: Awaited<ReturnType<typeof pageOf>> = await pageOf(id, token, query);
      paged.push(...body.data);
      expect(body.pagination).toMatchObject({ page_size: 2, has_next: body.pagination.next_cursor !== null });
      query = body.pagination.next_cursor === null ? null : { cursor: body.pagination.next_cursor };
      await send('PATCH', `/users/${id}`, token, { phone: `+1-555-010${String(paged.length)}` });
      await journey.signIn('iris', 'Wrong-Horse-7');
    }
    expect(paged).toStrictEqual(whole);
  });

  test('every entry leads to the person as they were after it', async () => {
    const { id, began } = await life('jack');
    const renamed = find(await historyOf(id, auditor), 'ProfileChanged');
    const at = (asOf?: string) => showAt(id, auditor, asOf);
    expect((await at(began)).body).toMatchObject({ first_name: 'First', status: 'pending', role: 'user' });
    expect((await at(renamed.position)).body).toMatchObject({ first_name: 'Second', role: 'user' });
    expect((await at(renamed.at)).body).toMatchObject({ first_name: 'Second', role: 'user' });
    const now = await at();
    const then = await at(now.headers.get('projection-position') ?? '');
    expect([then.status, then.body]).toStrictEqual([200, now.body]);
    expect(then.headers.get('etag')).toBeNull();
  });

  test('of somebody who was erased says what happened, and nothing of who they were', async () => {
    const { id } = await life('kate');
    expect((await erase(id)).status).toBe(204);
    const entries = await historyOf(id, auditor);
    expect(JSON.stringify(entries)).not.toMatch(/kate|First|Second|dark|example\.com/);
    expect(find(entries, 'PersonErased')).toMatchObject({
      actor: { kind: 'person', role: 'admin' },
      address: '127.0.0.1',
      changes: expect.arrayContaining([{ field: 'email', before: '[erased]', after: null }]),
    });
    expect(find(entries, 'ProfileChanged')).toMatchObject({
      actor: { kind: 'person', id },
      ...{ address: '[erased]', user_agent: '[erased]' },
      changes: [
        { field: 'first_name', before: '[erased]', after: '[erased]' },
        { field: 'preferences', before: '[erased]', after: '[erased]' },
      ],
    });
    expect(find(entries, 'RoleChanged').changes).toStrictEqual([{ field: 'role', before: 'user', after: 'moderator' }]);
    const manager = await journey.staff('manny', 'manager');
    expect(refusal(await pageOf(id, manager))).toStrictEqual([404, 'NOT_FOUND']);
  });

  test('is read by an API key for the audit trail, which as_of wants too', async () => {
    const { id } = await life('mary');
    const keyFor = async (...scopes: Schemas['ApiKey']['scopes']): Promise<string> =>
      String((await journey.as(admin).POST('/v1/api-keys', { body: { name: scopes.join(), scopes } })).body.key);
    const [users, audit, both] = [
      await keyFor('users:read'),
      await keyFor('audit:read'),
      await keyFor('users:read', 'audit:read'),
    ];
    const past = new Date().toISOString();
    for (const key of [users, audit]) expect(refusal(await showAt(id, key, past))).toStrictEqual([403, 'FORBIDDEN']);
    expect((await showAt(id, both, past)).body).toMatchObject({ id, role: 'moderator' });
    expect(find(await historyOf(id, audit), 'RoleChanged')).toMatchObject({ actor: { role: 'admin' } });
    expect(refusal(await pageOf(id, users))).toStrictEqual([403, 'FORBIDDEN']);
    expect((await erase(id)).status).toBe(204);
    expect(refusal(await showAt(id, both, past))).toStrictEqual([404, 'NOT_FOUND']);
  });

  test('and the past cannot be read while the log is away', async () => {
    const { id, token } = await life('lara');
    await until('the person is shown', async () => (await journey.me(token)).status === 200);
    await rollbook.logDoor?.shut();
    try {
      for (const path of [`/users/${id}/history`, `/users/me?as_of=${new Date().toISOString()}`])
        expect(refusal(await send('GET', path, token))).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
    } finally {
      await rollbook.logDoor?.open();
    }
    await until('it is read again', async () => (await pageOf(id, token)).status === 200);
  });
});
