import { describe, expect, test } from '@jest/globals';
import { keepFollowing, lookThrough } from '@rollbook/shared/event-log/keep-following';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { LogPage } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { until } from '../../support/feed-audience.ts';
import { anAppend } from '../../support/log-events.ts';

/** A log of three events of one stream, and a follower of it that wants them. */
const given = async () => {
  const store = new MemoryEventStore({ clock: systemClock });
  for (let n = 0; n < 3; n += 1) await store.append(anAppend('user-a', n - 1));
  const faults: unknown[] = [];
  const heard: number[] = [];
  const stopping = new AbortController();
  const following = {
    log: store,
    after: null,
    types: ['SomethingHappened'],
    // Nobody waits here for a second to be over.
    clock: { now: () => systemClock.now(), sleep: () => Promise.resolve() },
    signal: stopping.signal,
    onFault: (fault: unknown) => faults.push(fault),
  };
  const hear = ({ events }: LogPage): Promise<void> => {
    heard.push(...events.map(({ revision }) => revision));
    return Promise.resolve();
  };
  return { store, faults, heard, stopping, following, hear };
};

describe('A look through the log', () => {
  test('hands on what stands there, and ends at the end of it', async () => {
    const { store, heard, following, hear } = await given();
    const reached = await lookThrough(following, hear);
    expect(heard).toEqual([0, 1, 2]);
    expect(reached).toBe(await store.end());
    await store.append(anAppend('user-a', 2));
    await lookThrough({ ...following, after: reached }, hear);
    expect(heard).toEqual([0, 1, 2, 3]);
  });

  test('passes over other types, and comes to the end all the same', async () => {
    const { store, heard, following, hear } = await given();
    expect(await lookThrough({ ...following, types: ['AnotherThing'] }, hear)).toBe(await store.end());
    expect(heard).toEqual([]);
  });

  test('ends where handling fails, and says so', async () => {
    const { following } = await given();
    await expect(lookThrough(following, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

describe('Whoever keeps following', () => {
  test('hears of what comes later too, until the signal', async () => {
    const { store, heard, stopping, following, hear } = await given();
    const running = keepFollowing(following, hear);
    await until('the first three came', () => heard.length === 3);
    await store.append(anAppend('user-a', 2));
    await until('the fourth came', () => heard.length === 4);
    stopping.abort();
    await running;
    expect(heard).toEqual([0, 1, 2, 3]);
  });

  test('is given the page again that could not be handled, and nothing that was', async () => {
    const { store, faults, heard, stopping, following, hear } = await given();
    let failing = 2;
    const running = keepFollowing(following, async (page) => {
      if (heard.length === 3 && page.events.length > 0 && failing-- > 0) throw new Error('not now');
      await hear(page);
    });
    await until('the first three came', () => heard.length === 3);
    await store.append(anAppend('user-a', 2));
    await until('the fourth came', () => heard.length === 4);
    stopping.abort();
    await running;
    expect(heard).toEqual([0, 1, 2, 3]);
    expect(faults).toEqual([new Error('not now'), new Error('not now')]);
  });
});
