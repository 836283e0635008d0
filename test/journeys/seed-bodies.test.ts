import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { journeyOn, PASSWORD } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  admin = await journeyOn(rollbook).admin();
});
afterAll(() => rollbook.stop());

const send = (body: object, token?: string): Promise<ClientAnswer> =>
  call(rollbook.url, 'POST', '/users', { body, ...(token === undefined ? {} : { token }) });

/** Every body of `POST /users` that the five first documents show, as it stands there, and what comes of it. */
const BODIES: readonly (readonly [string, object, 'admin' | 'self', object])[] = [
  [
    '000, curl and Python',
    { email: 'test_user_1042@example.com', role: 'MEMBER' },
    'admin',
    { username: 'test_user_1042', role: 'user', status: 'active', email_verified: false },
  ],
  ['000, an administrator', { email: 'x1@example.com', role: 'ADMIN' }, 'admin', { role: 'admin', status: 'active' }],
  ['000, without a role', { email: 'x2@example.com' }, 'admin', { role: 'user', username: 'user-x2' }],
  [
    '002, request',
    { email: 'user@example.com', username: 'johndoe', password: 'SecurePass123!' },
    'self',
    { username: 'johndoe', email: 'user@example.com', status: 'pending', name: 'johndoe' },
  ],
  [
    '002, Gherkin',
    { email: 'test@example.com', username: 'testuser', password: 'SecurePass123!' },
    'self',
    { username: 'testuser', email: 'test@example.com', status: 'pending' },
  ],
  [
    '003, request',
    { email: 'user3@example.com', password: 'securePassword123!', name: 'John Doe', role: 'user' },
    'self',
    { username: 'user3', name: 'John Doe', first_name: null, last_name: null, role: 'user' },
  ],
  [
    '004, request',
    {
      username: 'john_doe',
      email: 'john.doe@example.com',
      first_name: 'John',
      last_name: 'Doe',
      password: 'SecurePassword123!',
      phone: '+1-555-0123',
      role: 'user',
    },
    'self',
    {
      username: 'john_doe',
      name: 'John Doe',
      first_name: 'John',
      last_name: 'Doe',
      phone: '+1-555-0123',
      role: 'user',
    },
  ],
];

describe('Every request body of the first documents is accepted as it stands there', () => {
  test.each(BODIES)('%s', async (_where, body, by, expected) => {
    const answer = await send(body, by === 'admin' ? admin : undefined);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject(expected);
    expect(answer.body).not.toHaveProperty('password');
  });

  test('004, by staff with a token, as its headers show', async () => {
    const body = { ...BODIES.at(-1)?.[1], username: 'john_doe2', email: 'john.doe2@example.com' };
    expect((await send(body, admin)).body).toMatchObject({ status: 'active', name: 'John Doe' });
  });

  test('000, but without a token: a password is required', async () => {
    const answer = await send({ email: 'test_user_1043@example.com', role: 'MEMBER' });
    expect([answer.status, answer.body.error.details[0].field]).toStrictEqual([400, 'password']);
  });
});

describe('The bodies that the first documents show as wrong', () => {
  test.each([
    [
      '002, AC-002',
      { email: 'TEST@example.com', username: 'someone', password: 'SecurePass123!' },
      409,
      'Email already registered',
    ],
    [
      '002, AC-003',
      { email: 'someone@example.com', username: 'johndoe', password: 'SecurePass123!' },
      409,
      'Username already exists',
    ],
    ['002, AC-004', { email: 'invalid-email', username: 'someone', password: 'SecurePass123!' }, 400, 'email'],
    ['002, AC-005', { email: 'someone@example.com', username: 'someone', password: '123' }, 400, 'at least 8'],
  ])('%s', async (_where, body, status, said) => {
    const answer = await send(body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body.error)).toContain(said);
  });
});

/** Every body of `PATCH` and `PUT /users/{id}` that they show, as it stands there, and what it makes of John Doe. */
const JOHN = {
  name: 'John Doe',
  first_name: 'John',
  last_name: 'Doe',
  phone: '+1-555-0123',
  role: 'user',
  status: 'active',
  is_active: true,
};
const CHANGES: readonly (readonly [string, 'PATCH' | 'PUT', object, object])[] = [
  ['003, PATCH', 'PATCH', { name: 'Jane Doe', role: 'admin' }, { name: 'Jane Doe', role: 'admin' }],
  [
    '004, PUT',
    'PUT',
    {
      username: 'john_doe_updated',
      email: 'john.updated@example.com',
      first_name: 'John',
      last_name: 'Doe-Smith',
      phone: '+1-555-9999',
      role: 'admin',
      is_active: true,
    },
    {
      username: 'john_doe_updated',
      email: 'john.updated@example.com',
      email_verified: false,
      pending_email: null,
      name: 'John Doe-Smith',
      last_name: 'Doe-Smith',
      phone: '+1-555-9999',
      role: 'admin',
    },
  ],
  [
    '004, PATCH',
    'PATCH',
    { phone: '+1-555-7777', is_active: false },
    { phone: '+1-555-7777', is_active: false, status: 'deactivated' },
  ],
];

describe('Every change that the first documents show is made as it stands there, and nothing else', () => {
  const change = (method: string, id: string, body: object, token?: string): Promise<ClientAnswer> =>
    call(rollbook.url, method, `/users/${id}`, { body, ...(token === undefined ? {} : { token }) });
  const john = async (n: string): Promise<ClientAnswer> => {
    const names = { username: `john-${n}`, email: `john-${n}@example.com` };
    const answer = await send({ ...BODIES.at(-1)?.[1], ...names }, admin);
    expect(answer.body).toMatchObject({ ...JOHN, ...names });
    return answer;
  };

  test.each(CHANGES)('%s, by an administrator', async (where, method, body, changed) => {
    const before = (await john(where.replaceAll(/\W+/g, '-'))).body;
    const answer = await change(method, before.id, body, admin);
    expect(answer.status).toBe(200);
    const { updated_at } = answer.body;
    expect(answer.body).toStrictEqual({ ...before, ...changed, updated_at });
    expect(updated_at > before.updated_at).toBe(true);
    const headers = { 'consistency-token': answer.headers.get('consistency-token') ?? '' };
    const shown = await call(rollbook.url, 'GET', `/users/${String(before.id)}`, { token: admin, headers });
    expect(shown.body).toStrictEqual(answer.body);
    // Sent once more, they change nothing: no new revision.
    const again = await change(method, before.id, body, admin);
    expect([again.status, again.headers.get('etag')]).toStrictEqual([200, answer.headers.get('etag')]);
  });

  test.each(CHANGES)(
    '%s: refused as 004 says without a token, for nobody, for no id, and for who may not',
    async (...row) => {
      const [where, method, body] = row;
      const { id } = (await john(`refused-${where.replaceAll(/\W+/g, '-')}`)).body;
      expect((await change(method, id, body)).status).toBe(401);
      expect((await change(method, '550e8400-e29b-41d4-a716-446655440000', body, admin)).status).toBe(404);
      expect((await change(method, 'usr_1234567890', body, admin)).status).toBe(400);
      await send({ email: `moderator-${id}@example.com`, password: PASSWORD, role: 'moderator' }, admin);
      const moderator = await call(rollbook.url, 'POST', '/auth/login', {
        body: { email: `moderator-${id}@example.com`, password: PASSWORD },
      });
      expect((await change(method, id, body, moderator.body.access_token)).status).toBe(403);
    },
  );

  test('004, PUT: a field left out is 400, a name of somebody else 409', async () => {
    const { id } = (await john('put')).body;
    const whole = { ...CHANGES[1]?.[2], username: 'john-put-2', email: 'john-put-2@example.com' };
    for (const field of Object.keys(whole)) {
      const less = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== field));
      const answer = await change('PUT', id, less, admin);
      expect([answer.status, answer.body.error.details[0].field]).toStrictEqual([400, field]);
    }
    await john('taken');
    for (const taken of [{ username: 'john-taken' }, { email: 'JOHN-TAKEN@example.com' }]) {
      const answer = await change('PUT', id, { ...whole, ...taken }, admin);
      expect([answer.status, answer.body.error.code]).toStrictEqual([409, 'CONFLICT']);
    }
    expect((await change('PUT', id, whole, admin)).status).toBe(200);
  });
});
