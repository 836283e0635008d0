import { describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { apiKeyDigest, apiKeyIdIn, meansApiKey, writeApiKey } from '@rollbook/shared/api-key/api-key-text';

const ID = '99999999-9999-4999-8999-999999999999';
const KEY = writeApiKey(ID, Buffer.alloc(32, 0xab));

describe('An API key', () => {
  test('says what it is and holds its id, in one word that no header or shell has to quote', () => {
    expect(KEY).toBe(`rbk_99999999999949998999999999999999_${'ab'.repeat(32)}4aaac1e4`);
    expect(meansApiKey(KEY)).toBe(true);
    expect(apiKeyIdIn(KEY)).toBe(ID);
  });

  test('is found to be none, without a look-up, when one character is another, missing or too many', () => {
    for (let place = 0; place < KEY.length; place += 1) {
      const other = KEY[place] === '0' ? '1' : '0';
      expect(apiKeyIdIn(KEY.slice(0, place) + other + KEY.slice(place + 1))).toBeNull();
      expect(apiKeyIdIn(KEY.slice(0, place) + KEY.slice(place + 1))).toBeNull();
    }
    expect(apiKeyIdIn(`${KEY}0`)).toBeNull();
    expect(apiKeyIdIn(` ${KEY}`)).toBeNull();
    expect(apiKeyIdIn(KEY.toUpperCase())).toBeNull();
    expect(apiKeyIdIn('')).toBeNull();
  });

  test('whatever its id and secret, is read as it was written', () => {
    for (let n = 0; n < 100; n += 1) {
      const id = randomUUID();
      expect(apiKeyIdIn(writeApiKey(id, randomBytes(32)))).toBe(id);
    }
  });

  test('is kept by a digest of the whole of it', () => {
    const digests = [KEY, writeApiKey(ID, Buffer.alloc(32, 0xac)), writeApiKey(randomUUID(), Buffer.alloc(32, 0xab))];
    expect(new Set(digests.map((text) => apiKeyDigest(text).toString('hex'))).size).toBe(3);
    expect(apiKeyDigest(KEY)).toHaveLength(32);
  });
});
