import { beforeEach, describe, expect, test } from '@jest/globals';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { followBlocks, HEARTBEAT } from '../../../query-api/src/follow-events/follow-blocks.ts';
import { ReadBehind } from '../../../query-api/src/follow-events/read-behind.ts';
import { TailKeeper } from '../../../query-api/src/follow-events/tail-keeper.ts';
import { until } from '../../support/feed-audience.ts';
import { anEvent, newStream } from '../../support/log-events.ts';
import { settled, SteppedClock } from '../../support/stepped-clock.ts';

let memory: MemoryEventStore;
/** What the streams read: the log, and what the test does to it. */
let store: EventStore;
let follows: { now: number; ever: number };
let reads: { now: number; most: number; ever: number };
let away: boolean;
let end: () => Promise<Position | null>;
beforeEach(() => {
  memory = new MemoryEventStore({ clock: systemClock });
  follows = { now: 0, ever: 0 };
  reads = { now: 0, most: 0, ever: 0 };
  away = false;
  end = () => memory.end();
  store = {
    logId: () => memory.logId(),
    append: (append) => memory.append(append),
    appendMany: (appends) => memory.appendMany(appends),
    read: (stream, options) => memory.read(stream, options),
    close: () => memory.close(),
    end: () => end(),
    readAll: async (options) => {
      reads.now += 1;
      reads.ever += 1;
      reads.most = Math.max(reads.most, reads.now);
      await settled();
      reads.now -= 1;
      if (away) throw new StoreUnavailable('away');
      return memory.readAll(options);
    },
    async *follow(options) {
      follows.now += 1;
      follows.ever += 1;
      try {
        yield* memory.follow(options);
      } finally {
        follows.now -= 1;
      }
    },
  };
});

/** Writes an event of somebody new; gives its position. */
const write = async (type = 'UserDeactivated'): Promise<Position> => {
  const stream = newStream(type === 'SessionEnded' ? 'session' : 'user');
  const events = [anEvent(stream, 0, { type, data: {}, personal: [] })];
  const result = await memory.append({ stream, expectedRevision: -1, events });
  if (result.outcome === 'conflict' || result.position === undefined) throw new Error('It was not written');
  return result.position;
};
const allowedAfter = async (place: Position | null): Promise<readonly string[]> => {
  const { events } = await memory.readAll({ after: place, limit: 100_000 });
  return events.flatMap((event) => (event.type in { SessionEnded: 1 } ? [] : (toPublicMessage(event)?.position ?? [])));
};

interface Reader {
  readonly positions: string[];
  text: string;
  readonly stop: AbortController;
  readonly done: Promise<unknown>;
}
const shared = (clock = systemClock, most?: number) => {
  const tails = new TailKeeper({ store, clock, onFault: () => undefined, ...(most !== undefined && { most }) });
  return { tails, behind: new ReadBehind(store), clock };
};
/** Reads on; `done` gives what ended it, or undefined. */
const read = (
  parts: ReturnType<typeof shared>,
  place: Position | null,
  types: readonly string[] | null = null,
  onPiece: () => Promise<void> = () => Promise.resolve(),
): Reader => {
  const stop = new AbortController();
  const positions: string[] = [];
  const reader = { positions, text: '', stop };
  const reading = async (): Promise<void> => {
    for await (const piece of followBlocks(parts, { place, types: types && new Set(types) }, stop.signal)) {
      const text = piece.toString();
      reader.text += text;
      positions.push(...[...text.matchAll(/^id: (\S+)\nevent:/gm)].map(([, position]) => position ?? ''));
      await onPiece();
    }
  };
  return Object.assign(reader, { done: reading().catch((fault: unknown) => fault) });
};

describe('Streams of one process', () => {
  test('share one follower of the log, which ends with the last of them', async () => {
    const parts = shared();
    const place = await write();
    const readers = Array.from({ length: 200 }, () => read(parts, place));
    await until('all have begun', () => readers.every(({ text }) => text !== '') && follows.now === 1);
    await write();
    const expected = await allowedAfter(place);
    await until('all have it', () => readers.every(({ positions }) => positions.length === 1));
    for (const { positions, stop, done } of readers) {
      expect(positions).toStrictEqual(expected);
      stop.abort();
      await done;
    }
    await until('nobody follows', () => follows.now === 0);
    expect(follows.ever).toBe(1);
    // The next one to come gets a follower again.
    const next = read(parts, place);
    await until('it has begun', () => next.positions.length === 1);
    next.stop.abort();
    await next.done;
  });

  test('miss nothing and repeat nothing, wherever they begin and however slow they are', async () => {
    // The tail holds about three messages.
    const parts = shared(systemClock, 2_000);
    const places: (Position | null)[] = [null];
    const readers: { readonly reader: Reader; readonly place: Position | null }[] = [];
    for (let n = 0; n < 400; n += 1) {
      places.push(await write(n % 3 === 0 ? 'SessionEnded' : 'UserDeactivated'));
      if (n % 10 !== 5) continue;
      const place = places[Math.floor(Math.random() * places.length)] ?? null;
      const slow = n % 20 === 5 ? () => systemClock.sleep(Math.random() * 20) : undefined;
      readers.push({ reader: read(parts, place, null, slow), place });
      await systemClock.sleep(Math.random() * 3);
    }
    for (const { reader, place } of readers) {
      const expected = await allowedAfter(place);
      await until('it has all', () => reader.positions.length >= expected.length);
      expect(reader.positions).toStrictEqual(expected);
      reader.stop.abort();
      await reader.done;
    }
  });

  test('that catch up read few pages at once, however many they are', async () => {
    const parts = shared();
    for (let n = 0; n < 30; n += 1) await write();
    const readers = Array.from({ length: 40 }, () => read(parts, null));
    await until('all have all', () => readers.every(({ positions }) => positions.length === 30));
    expect([reads.most, reads.ever >= 40]).toStrictEqual([2, true]);
    for (const { stop } of readers) stop.abort();
    await Promise.all(readers.map(({ done }) => done));
  });
});

describe('A stream without news', () => {
  test('says every ten seconds that it lives, and how far the log was looked through', async () => {
    const clock = new SteppedClock();
    const parts = shared(clock);
    const place = await write();
    const reader = read(parts, place, ['rollbook.user.erased.v1']);
    await settled();
    expect(reader.text).toBe(`retry: 2000\nid: ${place}\n\n`);
    const passed = await write();
    for (let ms = 0; ms < HEARTBEAT; ms += 100) await clock.pass(100);
    expect(reader.text.slice(reader.text.indexOf('\n\n') + 2)).toBe(`: no news\nid: ${passed}\n\n`);
    expect(reader.positions).toStrictEqual([]);
    reader.stop.abort();
    await reader.done;
  });

  test('lives on while the log is away, claims nothing, and goes on from its place', async () => {
    const clock = new SteppedClock();
    away = true;
    end = () => Promise.reject(new StoreUnavailable('away'));
    const place = await write();
    const reader = read(shared(clock), null);
    await settled();
    for (let ms = 0; ms < 2 * HEARTBEAT + 2_000; ms += 100) await clock.pass(100);
    expect(reader.text).toBe('retry: 2000\n\n: no news\n\n: no news\n\n');
    away = false;
    end = () => memory.end();
    for (let ms = 0; ms < 2_000; ms += 100) await clock.pass(100);
    expect(reader.positions).toStrictEqual([place]);
    reader.stop.abort();
    await reader.done;
  });
});

describe('A stream never passes over', () => {
  test.each(['read from behind', 'heard of at the end'])(
    'an event that only a newer program knows, %s: it ends before it',
    async (way) => {
      const parts = shared();
      const place = await write();
      const begin = (): Reader => read(parts, place);
      const early = way === 'heard of at the end' ? begin() : null;
      if (early) await until('it follows', () => follows.now === 1 && early.text !== '');
      await systemClock.sleep(20);
      // In one page of the log.
      const types = ['UserDeactivated', 'SomethingNew', 'UserDeactivated'];
      const appends = types.map((type) => {
        const stream = newStream();
        return { stream, expectedRevision: -1, events: [anEvent(stream, 0, { type, data: {}, personal: [] })] };
      });
      const [known] = await memory.appendMany(appends);
      const position = known?.outcome === 'stored' ? known.position : undefined;
      const reader = early ?? begin();
      expect(await reader.done).toMatchObject({ name: 'UnreadableEvent' });
      expect(reader.positions).toStrictEqual([position]);
      expect(await read(parts, position ?? null).done).toMatchObject({ name: 'UnreadableEvent' });
    },
  );

  test('into a log that was put back: it ends, and says so', async () => {
    const clock = new SteppedClock();
    const [first, second] = [await write(), await write()];
    const reader = read(shared(clock), second);
    await settled();
    end = () => Promise.resolve(first);
    for (let ms = 0; ms < 6_000; ms += 100) await clock.pass(100);
    expect(await reader.done).toMatchObject({ name: 'OtherLog' });
  });
});
