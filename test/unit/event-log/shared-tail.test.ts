import { describe, expect, test } from '@jest/globals';
import type { Position } from '@rollbook/shared/event-log/event';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { News } from '@rollbook/shared/event-log/news';
import type { LogFilter, ReadAllOptions } from '@rollbook/shared/event-log/port';
import { SharedTail } from '@rollbook/shared/event-log/shared-tail';
import { anAppend } from '../../support/log-events.ts';
import { SteppedClock } from '../../support/stepped-clock.ts';

const FRESH = 25;
const USERS: LogFilter = { streamPrefixes: ['user-'] };
const NONE: LogFilter = { types: ['SomethingElse'] };

/** A log of two events, its tail, and every reading that was really made. */
const given = async () => {
  const clock = new SteppedClock();
  const store = new MemoryEventStore({ clock });
  const news = new News(clock);
  const readings: ReadAllOptions[] = [];
  let fault: Error | null = null;
  const read = async (options: ReadAllOptions) => {
    readings.push(options);
    if (fault) throw fault;
    return store.readAll(options);
  };
  const tail = new SharedTail({ read, news, fresh: FRESH, clock });
  const happen = async (stream: string, revision: number): Promise<void> => {
    await store.append(anAppend(stream, revision - 1));
    news.announce();
  };
  await happen('user-a', 0);
  await happen('session-a', 0);
  /** A follower, from wherever it has got to. */
  const follower = (filter?: LogFilter) => {
    const reader = tail.reader();
    let after: Position | null = null;
    return async (limit?: number): Promise<readonly string[]> => {
      const page = await reader({ after, ...(filter && { filter }), ...(limit !== undefined && { limit }) });
      after = page.position;
      return page.events.map(({ stream, revision }) => `${stream} ${String(revision)}`);
    };
  };
  return { clock, readings, happen, follower, break: (with_: Error | null) => (fault = with_) };
};

describe('Followers at the end of the log', () => {
  test('are all served by one reading, each with what it wants', async () => {
    const { readings, happen, follower } = await given();
    const [everything, users, nothing] = [follower(), follower(USERS), follower(NONE)];
    expect([await everything(), await users(), await nothing()]).toStrictEqual([
      ['user-a 0', 'session-a 0'],
      ['user-a 0'],
      [],
    ]);
    readings.length = 0;
    await happen('user-a', 1);
    await happen('session-a', 1);
    const heard = await Promise.all([everything(), users(), nothing()]);
    expect(heard).toStrictEqual([['user-a 1', 'session-a 1'], ['user-a 1'], []]);
    expect(readings).toHaveLength(1);
    await happen('user-a', 2);
    expect(await Promise.all([nothing(), users()])).toStrictEqual([[], ['user-a 2']]);
    expect(readings).toHaveLength(2);
    // Who comes late to that news is served by the same reading.
    expect(await everything()).toStrictEqual(['user-a 2']);
    expect(readings).toHaveLength(2);
  });

  test('get nothing that is older than the news that woke them', async () => {
    const { readings, happen, follower } = await given();
    const [one, other] = [follower(), follower()];
    await Promise.all([one(), other()]);
    readings.length = 0;
    const early = one();
    await happen('user-a', 1);
    expect([await early, await other()]).toStrictEqual([[], ['user-a 1']]);
    expect(readings).toHaveLength(2);
  });

  test('look again by themselves where no news comes', async () => {
    const { clock, readings, follower } = await given();
    const [one, other] = [follower(), follower()];
    await Promise.all([one(), other()]);
    readings.length = 0;
    await one();
    await clock.pass(FRESH - 1);
    await other();
    expect(readings).toHaveLength(1);
    await clock.pass(1);
    await other();
    expect(readings).toHaveLength(2);
  });

  test('try anew after a reading that failed', async () => {
    const { readings, follower, ...log } = await given();
    const [one, other] = [follower(), follower()];
    await Promise.all([one(), other()]);
    log.break(new Error('away'));
    await expect(Promise.all([one(), other()])).rejects.toThrow('away');
    log.break(null);
    readings.length = 0;
    expect(await one()).toStrictEqual([]);
    expect(readings).toHaveLength(1);
  });
});

describe('A follower that is behind', () => {
  test('reads by itself, and only what it wants', async () => {
    const { readings, follower } = await given();
    await follower(USERS)();
    expect(readings).toStrictEqual([{ after: null, filter: USERS }]);
  });

  test('reads in pages of its own size, if it has one', async () => {
    const { readings, happen, follower } = await given();
    const one = follower();
    await one(10);
    await happen('user-a', 1);
    expect(await one(10)).toStrictEqual(['user-a 1']);
    expect(readings.map(({ limit }) => limit)).toStrictEqual([10, 10]);
  });
});
