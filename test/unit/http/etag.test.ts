import { describe, expect, test } from '@jest/globals';
import { formatUserEtag, matchesIfMatch, matchesIfNoneMatch } from '@rollbook/shared/http/etag';

describe('A person’s ETag', () => {
  test('is the revision, with the sign-ins where they show', () => {
    expect(formatUserEtag(3)).toBe('"3"');
    expect(formatUserEtag(3, 0)).toBe('"3.0"');
  });

  test.each(['"3"', '"3.7"', 'W/"3"', '*', ' * ', '"1", "3.2"', 'W/"1.1",W/"3"', '"x", "3"'])(
    'If-Match holds by the number before the dot: %s',
    (header) => {
      expect(matchesIfMatch(header, 3)).toBe(true);
    },
  );

  test.each(['"30"', '"4"', '3', '', '"03"', '"3.x"', '"-3"', '"3', '"3";'])(
    'If-Match does not hold: «%s»',
    (header) => {
      expect(matchesIfMatch(header, 3)).toBe(false);
    },
  );

  test('no If-Match asks for nothing; any If-Match fails where there is nothing', () => {
    expect(matchesIfMatch(null, 3)).toBe(true);
    expect(matchesIfMatch('*', null)).toBe(false);
  });

  test.each([
    ['"3.1"', true],
    ['W/"3.1"', true],
    ['"2", "3.1"', true],
    ['*', true],
    ['"3"', false],
    ['"3.2"', false],
    ['3.1', false],
  ])('If-None-Match names the whole tag: %s is %s', (header, expected) => {
    expect(matchesIfNoneMatch(header, '"3.1"')).toBe(expected);
  });
});
