import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derivedUuid, equalBytes, hmacOfParts, sha256, uuidFromBytes } from '@rollbook/shared/kernel/digest';

const KEY = Buffer.alloc(32, 7);

describe('A digest of parts', () => {
  test('prefixes each part with its length in bytes', () => {
    const input = Buffer.concat([Buffer.of(0, 0, 0, 1), Buffer.from('a'), Buffer.of(0, 0, 0, 2), Buffer.from('é')]);
    expect(hmacOfParts(KEY, ['a', 'é'])).toStrictEqual(createHmac('sha256', KEY).update(input).digest());
  });

  test('differs for every two lists of parts', () => {
    const lists = fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(lists, lists, (one, two) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(two));
        expect(hmacOfParts(KEY, one)).not.toStrictEqual(hmacOfParts(KEY, two));
      }),
    );
  });

  test('joins its parts for SHA-256', () => {
    expect(sha256('a', Buffer.from('b'))).toStrictEqual(createHash('sha256').update('ab').digest());
  });
});

describe('A derived UUID', () => {
  test('is of version 8 and variant 10, whatever the bytes', () => {
    expect(uuidFromBytes(Buffer.alloc(32, 0xff))).toBe('ffffffff-ffff-8fff-bfff-ffffffffffff');
    expect(uuidFromBytes(Buffer.alloc(32, 0))).toBe('00000000-0000-8000-8000-000000000000');
  });

  test('is the same for the same parts, for ever', () => {
    expect(derivedUuid('person', 'x')).toBe(derivedUuid('person', 'x'));
    expect(derivedUuid('person', 'x')).toBe('3605c86d-6aef-89dd-9271-78b7c2938e1a');
    expect(derivedUuid('person', 'x')).not.toBe(derivedUuid('persons', ''));
  });
});

test('Bytes of another length are not equal', () => {
  expect(equalBytes(Buffer.of(1, 2), Buffer.of(1, 2))).toBe(true);
  expect(equalBytes(Buffer.of(1, 2), Buffer.of(1, 3))).toBe(false);
  expect(equalBytes(Buffer.of(1, 2), Buffer.of(1))).toBe(false);
});
