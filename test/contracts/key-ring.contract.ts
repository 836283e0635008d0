import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';

/** The keys under test, and as many ways to them as a test wants. */
export interface KeysUnderTest {
  /** Another instance over the same keys, as another process would have it. */
  open(): KeyRing;
  end(): Promise<void>;
}

/** Every promise of `personal-data/key-ring.ts`, for one adapter. */
export const keyRingContract = (name: string, prepare: () => Promise<KeysUnderTest>): void => {
  describe(`The keys of people in ${name}`, () => {
    let keys: KeysUnderTest;
    let ring: KeyRing;
    beforeAll(async () => {
      keys = await prepare();
      ring = keys.open();
    });
    afterAll(() => keys.end());

    test('a subject gets one key of 32 bytes, which stays and is its own', async () => {
      const [ada, bob] = [randomUUID(), 'day-2026-01-02'];
      const key = await ring.ensure(ada);
      expect(key).toEqual({ keyId: expect.any(String), key: expect.any(Buffer) });
      expect(key !== 'destroyed' && key.key.length).toBe(32);
      expect(await ring.ensure(ada)).toEqual(key);
      expect(await ring.find(ada)).toEqual(key);
      expect(await keys.open().find(ada)).toEqual(key);
      expect(await ring.ensure(bob)).not.toEqual(key);
    });

    test('many at once get each their own key, new or the one that is there, and a destroyed one stays destroyed', async () => {
      const [ada, bob, eve, joe] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      const key = await ring.ensure(ada);
      await ring.destroy(bob, null);
      const others = [ring, keys.open(), keys.open()].map((one) => one.ensureMany([eve, ada, bob, joe, eve]));
      const [made, ...same] = await Promise.all(others);
      expect(same).toEqual([made, made]);
      expect([...made!.keys()].sort()).toEqual([ada, bob, eve, joe].sort());
      expect([made!.get(ada), made!.get(bob)]).toEqual([key, 'destroyed']);
      expect(made!.get(eve)).not.toEqual(made!.get(joe));
      expect(await keys.open().find(eve)).toEqual(made!.get(eve));
      expect(await ring.ensureMany([])).toEqual(new Map());
    });

    test('a subject without a key is missing, and asking makes none', async () => {
      const subject = randomUUID();
      expect(await ring.find(subject)).toBe('missing');
      expect(await ring.findMany([subject])).toEqual(new Map([[subject, 'missing']]));
    });

    test('many who ask at once for a new key get the same one', async () => {
      const subject = randomUUID();
      const rings = [ring, keys.open(), keys.open()];
      const made = await Promise.all(Array.from({ length: 30 }, (_, n) => (rings[n % 3] ?? ring).ensure(subject)));
      expect(new Set(made.map((key) => JSON.stringify(key))).size).toBe(1);
    });

    test('a destroyed key is gone for every instance, and no new one takes its place', async () => {
      const subject = randomUUID();
      await ring.ensure(subject);
      await ring.destroy(subject, '00000000000000000007');
      await ring.destroy(subject, '00000000000000000009');
      for (const one of [ring, keys.open()]) {
        expect(await one.find(subject)).toBe('destroyed');
        expect(await one.ensure(subject)).toBe('destroyed');
      }
    });

    test('a key destroyed before it was made stays destroyed', async () => {
      const subject = randomUUID();
      await ring.destroy(subject, null);
      expect(await ring.ensure(subject)).toBe('destroyed');
    });

    test('several are found at once, each asked for is in the answer', async () => {
      const [ada, bob, eve] = [randomUUID(), randomUUID(), randomUUID()];
      const key = await ring.ensure(ada);
      await ring.destroy(bob, null);
      const expected = new Map<string, unknown>([
        [ada, key],
        [bob, 'destroyed'],
        [eve, 'missing'],
      ]);
      expect(await ring.findMany([ada, bob, eve, ada])).toEqual(expected);
      expect(await ring.findMany([])).toEqual(new Map());
    });
  });
};
