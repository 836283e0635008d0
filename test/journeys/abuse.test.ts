import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call } from '../support/client.ts';
import { probe } from '../support/http-probe.ts';
import { countEvents, journeyOn, PASSWORD, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

const INVALID = [400, 'VALIDATION_ERROR'];
const raw = (text: string, type = 'application/json', path = '/v1/users') =>
  probe(rollbook.url, { method: 'POST', path, headers: { 'Content-Type': type }, body: text });

/** Runs it and expects that nothing was written. */
const withoutEvents = async (act: () => Promise<void>): Promise<void> => {
  const before = await countEvents(rollbook);
  await act();
  expect(await countEvents(rollbook)).toBe(before);
};

describe('A body with fields that it does not own', () => {
  test.each([
    'status',
    'is_active',
    'email_verified',
    'id',
    'userId',
    'created_at',
    'last_login',
    'pending_email',
    'passwordHash',
  ])('%s is refused, by name', async (field) => {
    await withoutEvents(async () => {
      for (const token of [undefined, admin]) {
        const answer = await journey.register('mass', { [field]: 'active' }, token === undefined ? {} : { token });
        expect(refusal(answer)).toStrictEqual([...INVALID, field, 'unknown_field']);
      }
    });
  });

  test.each(['__proto__', 'constructor', 'prototype'])('%s is refused, and pollutes nothing', async (field) => {
    const text = `{"email":"proto@example.com","password":"${PASSWORD}","${field}":{"role":"admin","is_active":true}}`;
    await withoutEvents(async () => {
      const seen = await raw(text);
      expect(seen.status).toBe(400);
      expect(JSON.stringify(seen.json)).toContain(field);
    });
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  test('a role above user is 403 without a token, whatever its letter case', async () => {
    await withoutEvents(async () => {
      for (const role of ['admin', 'ADMIN', 'Manager', 'auditor', 'moderator'])
        expect(refusal(await journey.register('climber', { role }))).toStrictEqual([
          403,
          'FORBIDDEN',
          'role',
          'forbidden',
        ]);
    });
    expect((await journey.register('member', { role: 'MEMBER' })).status).toBe(201);
  });
});

describe('Creating accounts for others', () => {
  test('is for managers (users only) and administrators', async () => {
    for (const role of ['moderator', 'auditor']) {
      const token = await journey.staff(role, role);
      expect(refusal(await journey.register(`by-${role}`, {}, { token }))).toStrictEqual([403, 'FORBIDDEN']);
    }
    const user = String((await journey.member('plain')).body.access_token);
    expect(refusal(await journey.register('by-user', {}, { token: user }))).toStrictEqual([403, 'FORBIDDEN']);
    const manager = await journey.staff('manager', 'manager');
    expect((await journey.register('by-manager', {}, { token: manager })).status).toBe(201);
    for (const role of ['moderator', 'manager', 'auditor', 'admin'])
      expect(refusal(await journey.register('by-manager2', { role }, { token: manager }))).toStrictEqual([
        403,
        'FORBIDDEN',
        'role',
        'forbidden',
      ]);
  });

  test('with a header that does not verify is 401, never a self-registration', async () => {
    const body = { email: 'sneak@example.com', password: PASSWORD };
    await withoutEvents(async () => {
      for (const authorization of ['Bearer x.y.z', 'Bearer', 'Basic eDp5', '', `bearer ${admin.slice(0, -3)}`]) {
        const answer = await journey.post('/users', body, { headers: { authorization } });
        expect(refusal(answer)).toStrictEqual([401, 'UNAUTHORIZED', 'Authorization', 'token_invalid']);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      }
    });
  });

  test('without a password invites: 201, active, and no way to sign in', async () => {
    const made = await journey.register('guest', { password: undefined }, { token: admin });
    expect(made.body).toMatchObject({ status: 'active', email_verified: false });
    expect(refusal(await journey.signIn('guest')).slice(0, 2)).toStrictEqual([401, 'UNAUTHORIZED']);
    expect(await countEvents(rollbook, 'InvitationRequested')).toBe(1);
  });

  test('with a password mails the verification link alone', async () => {
    await journey.register('hire', {}, { token: admin });
    const text = await journey.mailTo('hire@example.com');
    expect(text).toContain('/verify-email?token=');
    expect(text).not.toContain('/reject-registration');
  });

  test('an administrator makes administrators, who act at once', async () => {
    const second = await journey.staff('second', 'admin');
    expect((await journey.register('by-second', { role: 'auditor' }, { token: second })).body.role).toBe('auditor');
    expect(await countEvents(rollbook, 'AdminListed')).toBe(2);
  });
});

describe('Names that would do harm', () => {
  test.each([
    ['username', 'ada@example.com'],
    ['username', '../admin'],
    ['first_name', 'Ada\r\nBcc: all@example.com'],
    ['name', 'ad\u202emin'],
    ['email', 'm\u0131ke@example.com'],
    ['email', 'mike@example.com.'],
    ['email', '"mike"@example.com'],
    ['email', 'mike@example.com\nBcc: x@example.com'],
    ['email', `${'a'.repeat(250)}@example.com`],
    ['phone', 'DROP TABLE'],
    ['preferences', { x: 'y'.repeat(17_000) }],
  ])('%s %p is refused', async (field, value) => {
    await withoutEvents(async () => {
      const answer = await journey.register('harm', { [field]: value });
      expect(refusal(answer).slice(0, 3)).toStrictEqual([...INVALID, field]);
    });
  });
});

describe('A request that is no registration', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/merge-patch+json',
    '',
  ])('of content type %p is 415', async (type) => {
    const seen = await raw(JSON.stringify({ email: 'type@example.com', password: PASSWORD }), type);
    expect(seen.status).toBe(415);
  });

  test.each([['{'], ['[]'], ['null'], ['"x"'], ['{"email":"a@example.com","email":"b@example.com"}'], ['']])(
    '%p is 400',
    async (text) => {
      expect((await raw(text)).status).toBe(400);
    },
  );

  test('of another method says which there are', async () => {
    const answer = await call(rollbook.url, 'PUT', '/users', { body: {} });
    expect(refusal(answer)).toStrictEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(answer.headers.get('allow')).toContain('POST');
  });

  test.each(['/v1/users/', '/v1//users', '/V1/users', '/v1/Users', '/v1/auth%2Flogin'])(
    'to %s is 404',
    async (path) => {
      expect((await raw('{}', 'application/json', path)).status).toBe(404);
    },
  );

  test('with a huge password is refused before hashing', async () => {
    const long = { email: 'long@example.com', password: `Aa1!${'x'.repeat(50_000)}` };
    expect(refusal(await journey.post('/users', long))).toStrictEqual([...INVALID, 'password', 'too_long']);
    const huge = { ...long, password: 'x'.repeat(1_000_000) };
    expect(refusal(await journey.post('/users', huge)).slice(0, 3)).toStrictEqual([...INVALID, 'password']);
  });
});

test('A Host header of an attacker leads no link astray', async () => {
  const body = JSON.stringify({ email: 'victim@example.com', password: PASSWORD });
  const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'Content-Type': 'application/json' };
  const seen = await probe(rollbook.url, { method: 'POST', path: '/v1/users', headers, body });
  const text = await journey.mailTo('victim@example.com');
  expect(text).toMatch(/^http:\/\/127\.0\.0\.1:8000\/verify-email/m);
  expect(`${text}${JSON.stringify(seen.headers)}`).not.toContain('evil.example');
});

test('Passwords that are equal in their first 72 bytes are two passwords', async () => {
  const start = `Aa1!${'x'.repeat(68)}`;
  await journey.register('long72', { password: `${start}A` }, { token: admin });
  expect((await journey.signIn('long72', `${start}B`)).status).toBe(401);
  expect((await journey.signIn('long72', start)).status).toBe(401);
  expect((await journey.signIn('long72', `${start}A`)).status).toBe(200);
});
