import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { meOnceEnded } from '../support/journey.ts';
import { ADMIN, startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after, typedClient, type BodyOf } from '../support/typed-client.ts';

const PASSWORD = 'Correct-Horse-7';
const detail = ({ body }: ClientAnswer) => [body.error.code, body.error.details[0]?.field, body.error.details[0]?.code];

describe('Staff and people change accounts', () => {
  let rollbook: TestRollbook;
  let admin: string;
  const as = (token?: string) => typedClient(rollbook.url, token);
  const signIn = async (username: string, password = PASSWORD): Promise<string> => {
    const answer = await as().POST('/v1/auth/login', { body: { username, password } });
    expect(answer.status).toBe(200);
    return answer.body.access_token;
  };
  const create = async (username: string, role = 'user'): Promise<{ id: string; token: string; etag: string }> => {
    const body = { email: `${username}@example.com`, username, password: PASSWORD, role };
    const made = await as(admin).POST('/v1/users', { body });
    expect(made.status).toBe(201);
    return {
      id: (made.body as { id: string }).id,
      token: await signIn(username),
      etag: made.headers.get('etag') ?? '',
    };
  };
  const patch = (token: string, id: string, body: BodyOf<'patch', '/v1/users/{id}'>, header = {}) =>
    as(token).PATCH('/v1/users/{id}', { params: { path: { id }, header }, body });

  beforeAll(async () => {
    rollbook = await startRollbook();
    const answer = await as().POST('/v1/auth/login', { body: ADMIN });
    admin = answer.body.access_token;
  });
  afterAll(async () => {
    await rollbook.stop();
  });

  test('a person changes the own profile, and only what differs is an event', async () => {
    const { id, token, etag } = await create('profile');
    const body = { first_name: 'Pro', last_name: 'File', preferences: { theme: 'dark', news: true } };
    const changed = await patch(token, id, body, { 'If-Match': etag });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: 'Pro File', preferences: { theme: 'dark', news: true } });
    const again = await patch(token, id, { first_name: 'Pro', role: 'user', is_active: true });
    expect(again.headers.get('etag')).toBe(changed.headers.get('etag'));
    const merged = await patch(token, id, { preferences: { news: null, size: 2 }, first_name: null, name: 'P.' });
    expect(merged.body).toMatchObject({ name: 'P.', first_name: null, preferences: { theme: 'dark', size: 2 } });
    const late = await patch(token, id, { phone: '+1-555-7777' }, { 'If-Match': etag });
    expect([late.status, late.headers.get('etag')]).toEqual([412, merged.headers.get('etag')]);
    const seen = await as(token).GET('/v1/users/{id}', { params: { path: { id }, header: after(merged) } });
    expect({ ...seen.body, last_login: null }).toEqual({ ...merged.body, last_login: null });
  });

  test('a repeat with the same key gives the first answer, another body is refused', async () => {
    const { id, token } = await create('repeat');
    const headers = { 'Idempotency-Key': 'change-1' };
    const first = await patch(token, id, { phone: '+1-555-0001' }, headers);
    await patch(token, id, { phone: '+1-555-0002' });
    const again = await patch(token, id, { phone: '+1-555-0001' }, headers);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await patch(token, id, { phone: '+1-555-0003' }, headers)).status).toBe(422);
  });

  test('roles decide who changes whom', async () => {
    const [manager, user, other] = await Promise.all([create('boss', 'manager'), create('low'), create('other')]);
    const peer = await create('peer', 'manager');
    expect((await patch(manager.token, user.id, { phone: '+1-555-0001' })).status).toBe(200);
    expect((await patch(manager.token, peer.id, { phone: '+1-555-0001' })).status).toBe(403);
    expect((await patch(other.token, user.id, { phone: '+1-555-0001' })).status).toBe(404);
    expect(detail(await patch(manager.token, user.id, { role: 'moderator' }))).toEqual([
      'FORBIDDEN',
      'role',
      'forbidden',
    ]);
    expect(detail(await patch(user.token, user.id, { role: 'admin' }))).toEqual(['FORBIDDEN', 'role', 'forbidden']);
    const unknown = await call(rollbook.url, 'PATCH', `/users/${user.id}`, {
      token: user.token,
      body: { status: 'active' },
    });
    expect(detail(unknown)).toEqual(['VALIDATION_ERROR', 'status', 'unknown_field']);
    const given = await as(admin).PUT('/v1/users/{id}/role', {
      params: { path: { id: user.id } },
      body: { role: 'MODERATOR' },
    });
    expect([given.status, given.body.role]).toEqual([200, 'moderator']);
    expect((await patch(user.token, user.id, { phone: '+1-555-0009' })).status).toBe(401);
  });

  test('a deactivated person is out at once, and back after a reactivation', async () => {
    const { id, token } = await create('gone');
    const left = await as(token).DELETE('/v1/users/{id}', { params: { path: { id } } });
    expect(left.status).toBe(204);
    const me = await meOnceEnded(rollbook.url, token);
    expect([me.status, me.error?.details[0]?.code]).toEqual([401, 'session_ended']);
    const login = await as().POST('/v1/auth/login', { body: { username: 'gone', password: PASSWORD } });
    expect(login.error?.code).toBe('ACCOUNT_DEACTIVATED');
    const back = await patch(admin, id, { is_active: true });
    expect([back.status, back.body.status]).toEqual([200, 'active']);
    await signIn('gone');
  });

  test('whoever may not deactivate somebody is told so, also when that has happened already', async () => {
    const { id } = await create('left_already');
    const moderator = await create('left_moderator', 'moderator');
    const manager = await create('left_manager', 'manager');
    const deactivate = (token: string) => as(token).DELETE('/v1/users/{id}', { params: { path: { id } } });
    expect((await deactivate(manager.token)).status).toBe(204);
    expect((await deactivate(moderator.token)).status).toBe(403);
    expect((await deactivate(manager.token)).status).toBe(204);
  });

  test('preferences never grow above 16 KiB, however small the patches are', async () => {
    const { id, token } = await create('collector');
    const half = 'x'.repeat(9_000);
    expect((await patch(token, id, { preferences: { a: half } })).status).toBe(200);
    const more = await patch(token, id, { preferences: { b: half } });
    expect(more.status).toBe(400);
    expect(detail(more)).toStrictEqual(['VALIDATION_ERROR', 'preferences', 'too_large']);
    expect((await patch(token, id, { preferences: { a: null, b: half } })).status).toBe(200);
  });

  test('a username is changed, its former one is free, a taken one is refused', async () => {
    const [first, second] = await Promise.all([create('before'), create('second')]);
    const changed = await patch(first.token, first.id, { username: 'after' });
    expect([changed.status, changed.body.username]).toEqual([200, 'after']);
    expect(detail(await patch(second.token, second.id, { username: 'after', phone: '+1-555-0001' }))).toEqual([
      'CONFLICT',
      'username',
      'taken',
    ]);
    expect((await patch(second.token, second.id, { username: 'before' })).status).toBe(200);
    await signIn('after');
  });

  test('the own address needs the password and stays pending; an administrator sets it at once', async () => {
    const { id, token } = await create('mail');
    expect(detail(await patch(token, id, { email: 'new@example.com' }))).toEqual([
      'VALIDATION_ERROR',
      'current_password',
      'required',
    ]);
    const wrong = await patch(token, id, { email: 'new@example.com', current_password: 'nope' });
    expect(detail(wrong)).toEqual(['VALIDATION_ERROR', 'current_password', 'wrong']);
    const asked = await patch(token, id, { email: 'new@example.com', current_password: PASSWORD });
    expect(asked.body).toMatchObject({ email: 'mail@example.com', pending_email: 'new@example.com' });
    const set = await patch(admin, id, { email: 'set@example.com' });
    expect(set.body).toMatchObject({ email: 'set@example.com', pending_email: null, email_verified: false });
    expect(detail(await patch(admin, id, { email: ADMIN.email }))).toEqual(['CONFLICT', 'email', 'taken']);
    const freed = { email: 'mail@example.com', password: PASSWORD };
    expect((await as().POST('/v1/users', { body: freed })).status).toBe(201);
  });

  test('a replacement needs its seven fields', async () => {
    const { id, token } = await create('whole');
    const body = {
      username: 'whole',
      email: 'whole@example.com',
      first_name: 'W',
      last_name: null,
      phone: null,
      role: 'user',
      is_active: true,
    };
    const { phone: _phone, ...lacking } = body;
    const refused = await call(rollbook.url, 'PUT', `/users/${id}`, { token, body: lacking });
    expect(detail(refused)).toEqual(['VALIDATION_ERROR', 'phone', 'required']);
    const replaced = await as(token).PUT('/v1/users/{id}', { params: { path: { id } }, body });
    expect([replaced.status, replaced.body.first_name]).toEqual([200, 'W']);
  });

  test('50 demotions of two administrators at once leave one', async () => {
    const [ann, bob] = await Promise.all([create('ann', 'admin'), create('bob', 'admin')]);
    const me = await as(admin).GET('/v1/users/me');
    const demote = (token: string, id: string) =>
      as(token).PUT('/v1/users/{id}/role', { params: { path: { id } }, body: { role: 'user' } });
    expect((await demote(ann.token, me.body.id ?? '')).status).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? demote(ann.token, bob.id) : demote(bob.token, ann.id))),
    );
    expect(answers.every(({ status }) => [200, 401, 403, 409, 503].includes(status))).toBe(true);
    const roles = await Promise.all([
      as(await signIn('ann')).GET('/v1/users', { params: { query: { role: 'admin' } } }),
      as(await signIn('bob')).GET('/v1/users', { params: { query: { role: 'admin' } } }),
    ]);
    const lists = roles.filter(({ status }) => status === 200);
    expect(lists.map(({ body }) => body.data.length)).toEqual([1]);
  });
});
