import { describe, expect, test } from '@jest/globals';
import { bcryptHash } from '../../../../command-api/src/password/bcrypt-hash.ts';
import { PasswordHashes, type SlowHash } from '../../../../command-api/src/password/password-hashes.ts';
import { cheapHash } from '../../../support/command-rig.ts';

const old = { id: 'p1', secret: Buffer.alloc(32, 1) };
const current = { id: 'p2', secret: Buffer.alloc(32, 2) };
const COST = 4;

describe('A password’s hash', () => {
  const hashes = new PasswordHashes(bcryptHash, [old], COST);

  test('is bcrypt with the pepper’s id before it, and another one each time', async () => {
    const one = await hashes.hash('Correct-Horse-7');
    expect(one).toMatch(/^p1\$\$2b\$04\$[./A-Za-z0-9]{53}$/);
    expect(await hashes.hash('Correct-Horse-7')).not.toBe(one);
    expect(await hashes.matches('Correct-Horse-7', one)).toBe(true);
    expect(await hashes.matches('correct-horse-7', one)).toBe(false);
  });

  test('tells passwords apart that are equal in their first 72 bytes', async () => {
    const stored = await hashes.hash(`${'x'.repeat(72)}A`);
    expect(await hashes.matches(`${'x'.repeat(72)}A`, stored)).toBe(true);
    expect(await hashes.matches(`${'x'.repeat(72)}B`, stored)).toBe(false);
    expect(await hashes.matches('x'.repeat(72), stored)).toBe(false);
  });

  test('is not cut off at a NUL', async () => {
    const stored = await hashes.hash('Aa1!\u0000tail');
    expect(await hashes.matches('Aa1!\u0000other', stored)).toBe(false);
  });

  test('is the same for a composed and a decomposed letter, and keeps spaces', async () => {
    const stored = await hashes.hash('Caf\u00e9-1 ');
    expect(await hashes.matches('Cafe\u0301-1 ', stored)).toBe(true);
    expect(await hashes.matches('Caf\u00e9-1', stored)).toBe(false);
  });
});

describe('A pepper', () => {
  test('can be changed: old hashes still match, new ones name the new id', async () => {
    const stored = await new PasswordHashes(cheapHash, [old], COST).hash('Correct-Horse-7');
    const rotated = new PasswordHashes(cheapHash, [current, old], COST);
    expect(await rotated.matches('Correct-Horse-7', stored)).toBe(true);
    expect(await rotated.hash('Correct-Horse-7')).toMatch(/^p2\$/);
  });

  test('counts: under another one the password does not match', async () => {
    const stored = await new PasswordHashes(cheapHash, [old], COST).hash('Correct-Horse-7');
    const other = new PasswordHashes(cheapHash, [{ id: 'p1', secret: current.secret }], COST);
    expect(await other.matches('Correct-Horse-7', stored)).toBe(false);
  });

  test('that a hash names and nobody gave is a fault, not a wrong password', async () => {
    const stored = await new PasswordHashes(cheapHash, [old], COST).hash('Correct-Horse-7');
    const without = new PasswordHashes(cheapHash, [current], COST);
    await expect(without.matches('Correct-Horse-7', stored)).rejects.toThrow('PASSWORD_PEPPER lacks the id p1');
  });
});

test('An unknown login name costs one comparison at the full cost, and is always wrong', async () => {
  const compared: string[] = [];
  const counting: SlowHash = {
    hash: (input, cost) => bcryptHash.hash(input, cost),
    compare: (input, hash) => {
      compared.push(hash);
      return bcryptHash.compare(input, hash);
    },
  };
  const hashes = new PasswordHashes(counting, [old], COST);
  expect(await hashes.matchesNobody('no such person')).toBe(false);
  expect(compared).toHaveLength(1);
  expect(compared[0]).toMatch(/^\$2b\$04\$/);
});
