import { describe, expect, test } from '@jest/globals';
import { passwordFaults } from '../../../../command-api/src/password/password-policy.ts';

const codes = (password: string, policy: 'classes' | 'length' = 'classes') =>
  passwordFaults(password, policy).map(({ code }) => code);

describe('A new password, by the four classes', () => {
  test.each([
    'Correct-Horse-7',
    'SecurePass123!',
    'SecurePassword123!',
    'securePassword123!',
    'Ünïcödé 7',
    'Aa1 aaaa',
    '密码Aa1!密码',
  ])('%s is accepted', (password) => {
    expect(codes(password)).toStrictEqual([]);
  });

  test.each([
    ['Aa1!aaa', ['too_short']],
    ['aa1!aaaa-x', ['uppercase']],
    ['AA1!AAAA-X', ['lowercase']],
    ['Aax!aaaa-x', ['digit']],
    ['Aa1aaaaaxx', ['special']],
    ['123', ['too_short', 'uppercase', 'lowercase', 'special']],
    ['', ['too_short', 'uppercase', 'lowercase', 'digit', 'special']],
  ])('%p lacks %p', (password, missing) => {
    expect(codes(password)).toStrictEqual(missing);
  });

  test.each(['Password1!', 'P@ssw0rd', 'Qwerty123!', 'Welcome1!', 'Iloveyou1!'])('%s is too common', (password) => {
    expect(codes(password)).toContain('common');
  });

  test('every fault names the field and says what to do', () => {
    expect(passwordFaults('Aa1!', 'classes', 'new_password')).toStrictEqual([
      { field: 'new_password', code: 'too_short', message: 'must have at least 8 characters' },
    ]);
  });
});

describe('The length of a new password', () => {
  test('is counted in characters, not in bytes or halves of them', () => {
    expect(codes(`Aa1!${'😀'.repeat(3)}`)).toStrictEqual(['too_short']);
    expect(codes(`Aa1!${'😀'.repeat(4)}`)).toStrictEqual([]);
    expect(codes(`Aa1!${'😀'.repeat(252)}`)).toStrictEqual([]);
    expect(codes(`Aa1!${'😀'.repeat(253)}`)).toStrictEqual(['too_long']);
  });

  test('is counted after composition, as it is hashed', () => {
    expect(codes(`Aa1!${'e\u0301'.repeat(3)}`)).toStrictEqual(['too_short']);
    expect(codes(`Aa1!${'e\u0301'.repeat(252)}`)).toStrictEqual([]);
  });

  test('beyond 256 is the only thing that is looked at', () => {
    expect(codes('a'.repeat(1_000_000))).toStrictEqual(['too_long']);
  });
});

describe('A new password, by length', () => {
  test('needs fifteen characters and no classes', () => {
    expect(codes('correct horse battery', 'length')).toStrictEqual([]);
    expect(codes('correct horses', 'length')).toStrictEqual(['too_short']);
    expect(codes('correct-horses!', 'length')).toStrictEqual([]);
  });

  test('may not be a common one either', () => {
    expect(codes('password', 'length')).toStrictEqual(['too_short', 'common']);
    expect(codes('password12345678', 'length')).toStrictEqual(['common']);
  });
});
