import { describe, expect, test } from '@jest/globals';
import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import { FROM_THE_FIRST, LogWatch, type StartPlace } from '@rollbook/shared/event-log/log-watch';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { startPlaceOf } from '@rollbook/shared/event-log/minute-marks';
import type { EventStore, LogPage } from '@rollbook/shared/event-log/port';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { until } from '../../support/feed-audience.ts';
import { anAppend } from '../../support/log-events.ts';

const at = (n: number): Position => String(n).padStart(20, '0') as Position;

type Change = (store: EventStore) => Partial<Pick<EventStore, 'end' | 'follow'>>;

/** A log of `count` events, and a watch of it that the test runs; what it hears is noted. */
const given = async (count: number, places: readonly StartPlace[], change: Change = () => ({})) => {
  const store = new MemoryEventStore({ clock });
  for (let n = 0; n < count; n += 1) await store.append(anAppend('user-a', n - 1));
  const begun: number[] = [];
  const heard: number[] = [];
  const faults: unknown[] = [];
  const memory = {
    types: ['SomethingHappened'],
    begin: (since: number) => void begun.push(since),
    note: (event: StoredEvent) => void heard.push(event.revision),
  };
  const asked = [...places];
  const watch = new LogWatch({
    store: { end: () => store.end(), follow: (options) => store.follow(options), ...change(store) },
    clock,
    memories: [memory],
    startPlace: () => Promise.resolve(asked.shift() ?? FROM_THE_FIRST),
    onFault: (fault) => faults.push(fault),
  });
  const stopping = new AbortController();
  const running = watch.run(stopping.signal);
  return {
    store,
    watch,
    begun,
    heard,
    faults,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

describe('A watch of the log', () => {
  test('is ready once it has heard of everything since its start place, and of nothing before', async () => {
    let answered = false;
    const change: Change = (log) => ({
      async *follow(options) {
        await until('somebody has asked too early', () => answered);
        yield* log.follow(options);
      },
    });
    const { watch, begun, heard, store, stop } = await given(5, [{ position: at(3), since: 42 }], change);
    await expect(watch.check()).rejects.toThrow(/still being read/);
    answered = true;
    await until('it is current', () => watch.isCurrent());
    await expect(watch.check()).resolves.toBeUndefined();
    expect([begun, heard]).toStrictEqual([[42], [3, 4]]);
    await store.append(anAppend('user-a', 4));
    await until('it has heard', () => heard.length === 3);
    await stop();
  });

  test('begins anew after a fault, and forgets what it knew', async () => {
    let calls = 0;
    const broken = async function* (): AsyncGenerator<LogPage, void> {
      await Promise.resolve();
      yield { events: [], position: at(1), atEnd: false };
      throw new Error('broken');
    };
    const change: Change = (log) => ({
      follow: (options) => ((calls += 1) === 1 ? broken() : log.follow(options)),
    });
    const whole = await given(2, [{ position: at(1), since: 7 }], change);
    await until('it is current', () => whole.watch.isCurrent());
    expect(whole.begun).toStrictEqual([7, -Infinity]);
    expect(whole.heard).toStrictEqual([0, 1]);
    expect(whole.faults).toHaveLength(1);
    await whole.stop();
  });

  test('reads from the first event where its start place is none of this log', async () => {
    const change: Change = (log) => ({
      follow(options) {
        if (options.after !== null) throw new OtherLog('no such place');
        return log.follow(options);
      },
    });
    const mark = { position: at(1), since: 7 };
    const whole = await given(2, [mark, mark, mark], change);
    await until('it is current', () => whole.watch.isCurrent());
    expect([whole.begun, whole.heard]).toStrictEqual([
      [7, -Infinity],
      [0, 1],
    ]);
    await whole.stop();
  });

  test('begins anew where the log ends before what it had read: it was put back', async () => {
    let end = at(2);
    const whole = await given(2, [FROM_THE_FIRST], () => ({ end: () => Promise.resolve(end) }));
    await until('it is current', () => whole.watch.isCurrent());
    end = at(1);
    await clock.sleep(260);
    await whole.watch.isCurrent();
    await until('it begins anew', () => whole.begun.length > 1);
    expect(whole.begun.at(-1)).toBe(-Infinity);
    expect(whole.faults[0]).toMatchObject({ name: 'OtherLog' });
    await whole.stop();
  });
});

describe('Where a watch begins', () => {
  const marked = async (position: Position | null, logId = 'this') => {
    const store = new MemoryEventStore({ clock, logId: 'this' });
    await store.append(anAppend('user-a', -1, 3));
    const place = position === null ? null : { position, since: 42 };
    const newest = (log: string) => Promise.resolve(log === logId ? place : null);
    return startPlaceOf(store, { newest, mark: () => Promise.resolve() }, 1_000);
  };

  test('is the newest mark that is old enough', async () => {
    expect(await marked(at(2))).toStrictEqual({ position: at(2), since: 42 });
  });

  test.each([
    ['there is none yet', null, 'this'],
    ['the marks are of another log', at(2), 'another'],
    ['the log ends before it', at(4), 'this'],
  ])('is the first event where %s', async (_why, position, logId) => {
    expect(await marked(position, logId)).toStrictEqual(FROM_THE_FIRST);
  });
});
