import { describe, expect, test } from '@jest/globals';
import { ownOrigins } from '@rollbook/shared/http/browser-origins';
import { cookieValues, setCookie } from '@rollbook/shared/http/cookies';

describe('Our own origin', () => {
  test.each([
    ['https://id.example.org/people', ['https://id.example.org']],
    ['https://id.example.org:443', ['https://id.example.org']],
    ['http://id.example.org:8080', ['http://id.example.org:8080']],
    ['https://localhost:8443', ['https://localhost:8443']],
    ['http://localhost:8000', ['http://localhost:8000', 'http://127.0.0.1:8000', 'http://[::1]:8000']],
    ['http://127.0.0.1', ['http://localhost', 'http://127.0.0.1', 'http://[::1]']],
  ])('of %s is %j', (publicUrl, expected) => {
    expect([...ownOrigins(publicUrl)]).toStrictEqual(expected);
  });
});

describe('A cookie', () => {
  test.each([
    ['r=1', ['1']],
    ['a=b; r=1;c=d', ['1']],
    ['r=1; r=2', ['1', '2']],
    [' r = 1=2 ', ['1=2']],
    ['r=', ['']],
    ['r', []],
    ['xr=1; rx=1; R=1', []],
    [null, []],
  ])('is found in %j', (header, expected) => {
    expect(cookieValues(header, 'r')).toStrictEqual(expected);
  });

  test('is set for the whole origin, out of reach of scripts and other sites', () => {
    const cookie = { name: 'r', value: 'v', maxAge: 7 };
    expect(setCookie({ ...cookie, secure: false })).toBe('r=v; Path=/; Max-Age=7; HttpOnly; SameSite=Strict');
    expect(setCookie({ ...cookie, secure: true })).toBe('r=v; Path=/; Max-Age=7; HttpOnly; SameSite=Strict; Secure');
  });
});
