import { describe, expect, test } from '@jest/globals';
import { ROLES } from '@rollbook/shared/contracts/roles';
import type { z } from 'zod';
import * as field from '../../../../command-api/src/input/fields.ts';
import { registerUserBody } from '../../../../command-api/src/user/register-user/register-user.body.ts';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

describe('A username', () => {
  test.each(['abc', 'A-b', 'a_b', 'a--_b', '007', `a${'-'.repeat(48)}b`])('%s is accepted', (value) => {
    expect(accepts(field.username, value)).toBe(true);
  });
  test.each([
    'ab',
    '',
    '-abc',
    'abc-',
    '_abc',
    'abc_',
    'a b c',
    'ada@example.com',
    'a.b.c',
    'abc\n',
    'äbc',
    `a${'-'.repeat(49)}b`,
    7,
  ])('%p is refused', (value) => {
    expect(accepts(field.username, value)).toBe(false);
  });
});

describe('A phone number', () => {
  test.each(['+1-555-0123', '5550123', '+49 (30) 901820', '030.901.820', '+1234567890123456789'])(
    '%s is accepted',
    (value) => {
      expect(accepts(field.phone, value)).toBe(true);
    },
  );
  test.each([
    '555012',
    '+123456789012345678901',
    '555-CALL-NOW',
    '555+01234',
    '(((((((',
    '5550123\t',
    '٥٥٥٠١٢٣',
    '5550123\n',
  ])('%p is refused', (value) => {
    expect(accepts(field.phone, value)).toBe(false);
  });
});

describe('A name', () => {
  test('has 1 to 100 characters, a display name up to 200', () => {
    expect(accepts(field.personName, 'x')).toBe(true);
    expect(accepts(field.personName, '😀'.repeat(100))).toBe(true);
    expect(accepts(field.personName, 'x'.repeat(101))).toBe(false);
    expect(accepts(field.personName, '')).toBe(false);
    expect(accepts(field.displayName, 'x'.repeat(200))).toBe(true);
    expect(accepts(field.displayName, 'x'.repeat(201))).toBe(false);
  });
  test.each(['<b>Bobby</b>', "O'Neil; DROP TABLE", '李小龍', 'José'])('%s is a name', (value) => {
    expect(accepts(field.personName, value)).toBe(true);
  });
  test.each(['a\r\nBcc: x@y.z', 'a\u0000', 'a\u0085', 'a\u202eb', 'a\u2066b', 'a\u200fb', 'a\u2028b'])(
    '%p could forge a header or turn text around',
    (value) => {
      expect(accepts(field.personName, value)).toBe(false);
      expect(accepts(field.displayName, value)).toBe(false);
    },
  );
});

describe('A role', () => {
  test.each(ROLES)('%s is read in any letter case', (role) => {
    expect(field.role.parse(role.toUpperCase())).toBe(role);
    expect(field.role.parse(role)).toBe(role);
  });
  test.each(['MEMBER', 'member', 'Member'])('%s is an old name of user', (value) => {
    expect(field.role.parse(value)).toBe('user');
  });
  test.each(['', 'root', 'administrator', 'admin ', '__proto__', 'constructor', null, 1, ['admin']])(
    '%p is none',
    (value) => {
      expect(accepts(field.role, value)).toBe(false);
    },
  );
});

describe('Preferences', () => {
  test('are an object of any JSON, up to 16 KiB', () => {
    expect(accepts(field.preferences, { theme: 'dark', deep: { list: [1, null, true] } })).toBe(true);
    expect(accepts(field.preferences, { x: 'x'.repeat(16 * 1024 - 8) })).toBe(true);
    expect(accepts(field.preferences, { x: 'x'.repeat(16 * 1024 - 7) })).toBe(false);
    expect(accepts(field.preferences, [])).toBe(false);
    expect(accepts(field.preferences, 'dark')).toBe(false);
  });
});

describe('The body of a registration', () => {
  const body = registerUserBody(new Set(['shop']));
  test('needs an email and nothing else', () => {
    expect(accepts(body, { email: 'ada@example.com' })).toBe(true);
    expect(accepts(body, {})).toBe(false);
    expect(accepts(body, { email: null })).toBe(false);
  });
  test('takes null for whatever is optional', () => {
    const nothing = [
      'password',
      'username',
      'first_name',
      'last_name',
      'name',
      'phone',
      'role',
      'preferences',
      'portal',
    ];
    const nulls = Object.fromEntries(nothing.map((name) => [name, null]));
    expect(accepts(body, { email: 'ada@example.com', ...nulls })).toBe(true);
  });
  test('knows only portals that are set up', () => {
    expect(accepts(body, { email: 'ada@example.com', portal: 'shop' })).toBe(true);
    expect(accepts(body, { email: 'ada@example.com', portal: 'evil' })).toBe(false);
  });
  test.each([
    'status',
    'is_active',
    'email_verified',
    'id',
    'userId',
    'user_id',
    'created_at',
    'passwordHash',
    'firstName',
  ])('refuses %s, which it does not own', (name) => {
    expect(accepts(body, { email: 'ada@example.com', [name]: 'x' })).toBe(false);
  });
});
