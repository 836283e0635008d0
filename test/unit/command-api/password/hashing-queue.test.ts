import { describe, expect, test } from '@jest/globals';
import { HashingQueue, type HashingPlace } from '../../../../command-api/src/password/hashing-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that goes on until it is told to end. */
const work = () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let started = false;
  return {
    run: async () => {
      started = true;
      await ended;
    },
    end: () => {
      end();
    },
    get started() {
      return started;
    },
  };
};

const reserve = (queue: HashingQueue, count: number): readonly HashingPlace[] =>
  Array.from({ length: count }, () => {
    const place = queue.reserve();
    if (!place) throw new Error('The queue is full');
    return place;
  });

describe('The hashing queue', () => {
  test('gives as many places as it has, and no more until one is given back', () => {
    const queue = new HashingQueue({ lanes: 2, places: 256 });
    const places = reserve(queue, 256);
    expect(queue.reserve()).toBeNull();
    places[0]?.release();
    expect(queue.reserve()).not.toBeNull();
    expect(queue.reserve()).toBeNull();
  });

  test('takes a place back once, however often it is given back', () => {
    const queue = new HashingQueue({ lanes: 1, places: 2 });
    const [one] = reserve(queue, 2);
    one?.release();
    one?.release();
    expect(queue.taken).toBe(1);
  });

  test('runs no more at once than it has lanes, in the order of arrival', async () => {
    const queue = new HashingQueue({ lanes: 2, places: 5 });
    const works = Array.from({ length: 5 }, work);
    const done = reserve(queue, 5).map((place, index) => place.run(works[index]!.run));
    const started = () => works.map((one) => one.started);
    await turn();
    expect(started()).toStrictEqual([true, true, false, false, false]);
    works[1]!.end();
    await turn();
    expect(started()).toStrictEqual([true, true, true, false, false]);
    works[0]!.end();
    works[2]!.end();
    await turn();
    expect(started()).toStrictEqual([true, true, true, true, true]);
    for (const one of works) one.end();
    await Promise.all(done);
    expect(queue.taken).toBe(0);
  });

  test('gives lane and place back when the work fails', async () => {
    const queue = new HashingQueue({ lanes: 1, places: 1 });
    for (let round = 0; round < 3; round += 1) {
      const [place] = reserve(queue, 1);
      await expect(place?.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
      place?.release();
      expect(queue.taken).toBe(0);
    }
    const [last] = reserve(queue, 1);
    expect(await last?.run(() => Promise.resolve('hash'))).toBe('hash');
  });

  test('counts a place as taken from its reservation until its work is done', async () => {
    const queue = new HashingQueue({ lanes: 1, places: 3 });
    const [place] = reserve(queue, 1);
    expect(queue.taken).toBe(1);
    const one = work();
    const done = place?.run(one.run);
    await turn();
    expect(queue.taken).toBe(1);
    one.end();
    await done;
    expect(queue.taken).toBe(0);
  });
});
