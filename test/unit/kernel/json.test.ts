import { describe, expect, test } from '@jest/globals';
import { canonicalJson, findUnstorable, type Json } from '@rollbook/shared/kernel/json';

describe('Canonical JSON', () => {
  test('is that of RFC 8785, appendix B and 3.2.3', () => {
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, '\u00f6': 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    );
  });

  test('of equal values is equal', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [1, { c: 2, d: 1 }] }));
  });

  test.each([NaN, Infinity, 10n, undefined])('there is none of %p', (value) => {
    expect(() => canonicalJson(value as Json)).toThrow();
  });
});

describe('What cannot be stored', () => {
  test.each<[string, Json, readonly string[]]>([
    ['a NUL', { a: ['x', 'y\u0000'] }, ['a', '1']],
    ['a NUL in a name', { 'a\u0000': 1 }, ['a\u0000']],
    ['a lone surrogate', { a: { b: '\udc00' } }, ['a', 'b']],
    ['an integer too large', { n: 2 ** 53 }, ['n']],
    ['an integer too small', [-(2 ** 53)], ['0']],
  ])('is %s, told by its place', (_name, value, path) => {
    expect(findUnstorable(value)?.path).toStrictEqual(path);
  });

  test('is nothing else', () => {
    expect(findUnstorable({ a: [null, true, 1.5, 2 ** 53 - 1, -(2 ** 53) + 1, '😀', ''] })).toBeNull();
  });
});
