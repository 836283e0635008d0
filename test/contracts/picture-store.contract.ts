import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PictureStore, StoredPicture } from '@rollbook/shared/pictures/picture-store';

/** The pictures under test, and as many ways to them as a test wants. */
export interface PicturesUnderTest {
  /** Another instance over the same pictures, as another process would have it. */
  open(): PictureStore;
  end(): Promise<void>;
}

const MINUTE = 60_000;

const namesIn = (stored: readonly StoredPicture[]): readonly string[] => stored.map(({ id }) => id).sort();

const everything = async (store: PictureStore, within?: number): Promise<readonly StoredPicture[]> => {
  const found: StoredPicture[] = [];
  for await (const page of store.all(within)) {
    expect(page.length).toBeGreaterThan(0);
    found.push(...page);
  }
  return found;
};

/** Every promise of `pictures/picture-store.ts`, for one adapter. `many`: more than stand in one page of its listing. */
export const pictureStoreContract = (name: string, prepare: () => Promise<PicturesUnderTest>, many = 1_100): void => {
  describe(`Pictures in ${name}`, () => {
    let pictures: PicturesUnderTest;
    let store: PictureStore;
    beforeAll(async () => {
      pictures = await prepare();
      store = pictures.open();
    });
    afterAll(() => pictures.end());

    test('what was stored is there for every instance, byte for byte', async () => {
      const picture = { owner: randomUUID(), id: randomUUID() };
      const sealed = randomBytes(300_000);
      await store.put(picture, sealed);
      for (const one of [store, pictures.open()]) expect((await one.get(picture))?.equals(sealed)).toBe(true);
    });

    test('a name is owner and id: neither alone finds anything', async () => {
      const picture = { owner: randomUUID(), id: randomUUID() };
      await store.put(picture, Buffer.from('sealed'));
      expect(await store.get({ ...picture, owner: randomUUID() })).toBeNull();
      expect(await store.get({ ...picture, id: randomUUID() })).toBeNull();
    });

    test('storing the same again, as a repeat does, keeps one', async () => {
      const picture = { owner: randomUUID(), id: randomUUID() };
      for (let times = 0; times < 2; times += 1) await store.put(picture, Buffer.from('sealed'));
      expect(namesIn(await store.of(picture.owner))).toEqual([picture.id]);
    });

    test('what was removed is gone for every instance; removing it again, or nothing, is no fault', async () => {
      const owner = randomUUID();
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of [first, second, third]) await store.put({ owner, id }, randomBytes(20));
      const gone = [first, third].map((id) => ({ owner, id }));
      for (let times = 0; times < 2; times += 1) await store.remove(gone);
      await store.remove([]);
      for (const one of [store, pictures.open()]) {
        expect(await one.get({ owner, id: first })).toBeNull();
        expect(await one.get({ owner, id: second })).not.toBeNull();
        expect(namesIn(await one.of(owner))).toEqual([second]);
      }
    });

    test('a person’s pictures are found by the person, with an age, and other people’s are not among them', async () => {
      const [ada, bob] = [randomUUID(), randomUUID()];
      const ids = [randomUUID(), randomUUID()].sort();
      for (const id of ids) await store.put({ owner: ada, id }, randomBytes(20));
      await store.put({ owner: bob, id: randomUUID() }, randomBytes(20));
      const found = await store.of(ada);
      expect(namesIn(found)).toEqual(ids);
      for (const { owner, age } of found) {
        expect(owner).toBe(ada);
        expect(Math.abs(age)).toBeLessThan(MINUTE);
      }
      expect(await store.of(randomUUID())).toEqual([]);
    });

    test(`all that is stored is listed once, however many pages it takes`, async () => {
      const owner = randomUUID();
      const ids = Array.from({ length: many }, () => randomUUID());
      for (let first = 0; first < many; first += 20)
        await Promise.all(ids.slice(first, first + 20).map((id) => store.put({ owner, id }, randomBytes(20))));
      const found = (await everything(store)).filter((picture) => picture.owner === owner);
      expect(namesIn(found)).toEqual([...ids].sort());
      expect((await everything(store, MINUTE)).filter((picture) => picture.owner === owner)).toHaveLength(many);
      await store.remove(found);
      expect((await everything(store)).filter((picture) => picture.owner === owner)).toEqual([]);
    });

    test('what is older than asked for is not listed', async () => {
      const owner = randomUUID();
      await store.put({ owner, id: randomUUID() }, randomBytes(20));
      await new Promise((resolve) => setTimeout(resolve, 2_100));
      const young = { owner, id: randomUUID() };
      await store.put(young, randomBytes(20));
      const found = (await everything(store, 1_900)).filter((picture) => picture.owner === owner);
      expect(namesIn(found)).toEqual([young.id]);
    });
  });
};
