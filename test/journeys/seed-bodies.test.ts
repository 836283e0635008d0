import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { journeyOn } from '../support/journey.ts';
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
