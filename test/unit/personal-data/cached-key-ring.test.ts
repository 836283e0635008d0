import { describe, expect, test } from '@jest/globals';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';

/** A clock that stands still until it is moved. */
class HandClock implements Clock {
  #now = 0;
  #sleepers: { until: number; wake: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ until: this.#now + ms, wake }));
  }
  async move(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const given = ({ capacity = 10 } = {}) => {
  const clock = new HandClock();
  const ring = new MemoryKeyRing({ random: systemRandom });
  return { clock, ring, cache: new CachedKeyRing({ ring, clock, capacity }) };
};

describe('the short memory of keys', () => {
  test('remembers a key for less than a second, then asks again', async () => {
    const { clock, ring, cache } = given();
    const key = await cache.ensure('ada');
    await ring.destroy('ada');
    await clock.move(500);
    expect(await cache.find('ada')).toEqual(key);
    expect(await cache.findMany(['ada'])).toEqual(new Map([['ada', key]]));
    await clock.move(499);
    expect(await cache.find('ada')).toBe('destroyed');
    expect(await cache.ensure('ada')).toBe('destroyed');
  });

  test('holds no key after a second, also when nobody asks', async () => {
    const { clock, cache } = given();
    await cache.ensure('ada');
    await clock.move(600);
    await cache.findMany(['ada', 'bob']);
    await cache.ensure('bob');
    expect(cache.size).toBe(2);
    await clock.move(399);
    expect(cache.size).toBe(1);
    await clock.move(600);
    expect(cache.size).toBe(0);
  });

  test('forgets a key at once where it is destroyed', async () => {
    const { cache } = given();
    await cache.ensure('ada');
    await cache.destroy('ada', null);
    expect(cache.size).toBe(0);
    expect(await cache.find('ada')).toBe('destroyed');
  });

  test('does not remember an answer that was on its way while a key was destroyed', async () => {
    const { cache } = given();
    const asked = cache.ensure('ada');
    const destroyed = cache.destroy('ada', null);
    await Promise.all([asked, destroyed]);
    expect(cache.size).toBe(0);
  });

  test('never remembers that a key is missing', async () => {
    const { ring, cache } = given();
    expect(await cache.find('ada')).toBe('missing');
    const key = await ring.ensure('ada');
    expect(await cache.find('ada')).toEqual(key);
  });

  test('remembers no more subjects than it may', async () => {
    const { cache } = given({ capacity: 3 });
    for (const subject of ['a', 'b', 'c', 'd', 'e']) await cache.ensure(subject);
    expect(cache.size).toBe(3);
  });
});
