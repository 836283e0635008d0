import { describe, expect, test } from '@jest/globals';
import { RefreshCookie } from '../../../../command-api/src/session/refresh-cookie.ts';

const OWN = 'https://rollbook.example.org';
const LISTED = 'https://portal.example.org';
const cookie = new RefreshCookie(OWN, new Set([LISTED]));
const NAME = '__Host-rollbook_refresh';
const read = (cookies: string | null, browserOrigin: string | null = OWN) => cookie.read({ cookies, browserOrigin });

describe('The refresh cookie', () => {
  test('is read from a page of our own origin, or of a listed one', () => {
    expect(read(`a=b; ${NAME}=token`)).toStrictEqual({ token: 'token' });
    expect(read(`${NAME}=token`, LISTED)).toStrictEqual({ token: 'token' });
  });

  test('is left alone where another page asks, or one that does not say', () => {
    for (const origin of ['https://evil.example.org', 'null', null])
      expect(read(`${NAME}=token`, origin)).toStrictEqual({ rejection: 'foreign_origin' });
  });

  test('is worth nothing where there are two of its name, and forgotten then', () => {
    const refused = read(`${NAME}=token; ${NAME}=planted`);
    expect(refused).toStrictEqual({ rejection: 'refresh_token_invalid' });
    expect(cookie.refused({ rejection: 'refresh_token_invalid' })).toHaveProperty('headers', cookie.forgotten);
  });

  test('is none where it is missing, empty, or called otherwise', () => {
    for (const cookies of [null, '', `${NAME}=`, 'rollbook_refresh=token'])
      expect(read(cookies, 'https://evil.example.org')).toBeNull();
  });
});
