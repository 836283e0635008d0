import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import { NO_STREAM, type EventStore, type FollowOptions, type LogPage } from '@rollbook/shared/event-log/port';
import { startEventStoreDbLog, type EventStoreDbLog, type Misdeed } from '../support/eventstoredb-log.ts';
import { until } from '../support/feed-audience.ts';
import { anAppend, collect, idsOf, newStream } from '../support/log-events.ts';

const place = (commit: bigint, prepare = commit): Position =>
  [commit, prepare].map((number) => String(number).padStart(20, '0')).join('-') as Position;

const END = 2n ** 64n - 1n;

describe('following an EventStoreDB that misbehaves', () => {
  let log: EventStoreDbLog;
  let store: EventStore;
  let faults: unknown[];
  let stop: AbortController;
  beforeEach(async () => {
    log = await startEventStoreDbLog();
    store = log.open();
    faults = [];
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await log.end();
  });

  const write = async (count: number, stream = newStream()): Promise<string[]> => {
    const append = anAppend(stream, NO_STREAM, count);
    await store.append(append);
    return idsOf(append.events);
  };

  /** Follows in the background and remembers all that was handed out. */
  const follow = (options: Partial<FollowOptions> = {}) => {
    const seen = { ids: [] as string[], pages: [] as LogPage[], ended: Promise.resolve() as Promise<unknown> };
    seen.ended = (async () => {
      const settings = { after: null, signal: stop.signal, onFault: (fault: unknown) => faults.push(fault) };
      for await (const page of store.follow({ ...settings, ...options })) {
        seen.ids.push(...idsOf(page.events));
        seen.pages.push(page);
      }
    })().catch((fault: unknown) => fault);
    return seen;
  };

  test.each<readonly [string, Misdeed]>([
    ['ends without an error', { do: 'end' }],
    ['is reset', { do: 'reset' }],
    ['loses its connection', { do: 'drop' }],
    ['falls silent', { do: 'lose-answer' }],
    ['fails with UNAVAILABLE', { do: 'fail', code: status.UNAVAILABLE }],
    ['fails with CANCELLED', { do: 'fail', code: status.CANCELLED }],
    ['fails with ABORTED (too slow)', { do: 'fail', code: status.ABORTED }],
    ['fails with UNKNOWN', { do: 'fail', code: status.UNKNOWN }],
    ['fails with INTERNAL', { do: 'fail', code: status.INTERNAL }],
    [
      'is refused for a while, its right taken (wire 5.18)',
      { do: 'fail', code: status.PERMISSION_DENIED, trailers: { exception: 'access-denied' } },
    ],
  ])('a subscription that %s in the catch-up and when live: every event once, in order', async (_, deed) => {
    const written = await write(40);
    const catchUp = log.node.misbehave({ on: 'subscribe', ...deed, after: 17 });
    const seen = follow();
    await until('it has caught up', () => seen.ids.length >= 40);
    if (deed.do !== 'lose-answer') expect(catchUp.done).toBe(1);
    const isAtEnd = (page: LogPage): boolean => page.atEnd;
    await until(
      'it is live',
      () => log.node.subscriptions.size === 1 && seen.pages.length > 2 && seen.pages.slice(-3).every(isAtEnd),
    );
    for (const subscription of log.node.subscriptions) subscription.disturb({ on: 'subscribe', ...deed });
    for (let n = 0; n < 5; n += 1) written.push(...(await write(3)));
    await until('it has gone on', () => seen.ids.length >= written.length);
    expect(seen.ids).toEqual(written);
    expect(faults.length).toBeGreaterThanOrEqual(1);
  });

  test('a message in which nothing is set is passed over', async () => {
    const written = await write(10);
    const order = log.node.misbehave({ on: 'subscribe', do: 'answer-empty', after: 5 });
    const seen = follow();
    await until('it has caught up', () => seen.ids.length >= 10);
    expect([order.done, seen.ids, faults]).toEqual([1, written, []]);
  });

  test.each<readonly [string, Position | 'next-record']>([
    ['between two records, where the next one will be', 'next-record'],
    ['at the place of the next record, as servers with KDB-744 send (wire 5.11)', 'next' as Position],
    ['that goes back behind what was sent', 'back' as Position],
    ['that means the end of any log (2^64−1)', 'end' as Position],
    ['beyond the end of the log', 'beyond' as Position],
    ['where no record starts', 'inside' as Position],
  ])('a checkpoint %s loses no event, whenever the follower starts again', async (_, where) => {
    await write(3);
    const at = {
      'next-record': 'next-record' as const,
      next: { commit: log.node.log.end, prepare: log.node.log.end },
      back: { commit: 0n, prepare: 0n },
      end: { commit: END, prepare: END },
      beyond: { commit: log.node.log.end + 5_000n, prepare: log.node.log.end + 5_000n },
      inside: { commit: log.node.log.end - 1n, prepare: log.node.log.end - 1n },
    }[where as string]!;
    const order = log.node.misbehave({ on: 'subscribe', do: 'checkpoint', at, after: 3 });
    const seen = follow();
    await until('it stands at the end', () => seen.pages.at(-1)?.atEnd === true && order.done === 1);
    // A server may say the same twice (wire 5.8).
    for (const subscription of log.node.subscriptions) subscription.disturb({ on: 'subscribe', do: 'checkpoint', at });
    const resting = seen.pages.at(-1)!.position;
    expect(resting).toBe(await store.end());
    const later = await write(2);
    await until('it has gone on', () => seen.ids.length >= 5);
    expect(seen.ids.slice(3)).toEqual(later);
    const resumed = await collect(store.follow({ after: resting, signal: stop.signal }), (found) => found.length >= 2);
    expect(idsOf(resumed)).toEqual(later);
    const positions = seen.pages.map(({ position }) => position ?? '');
    expect([...positions].sort()).toEqual(positions);
  });

  test('a server that sends 2^64−1 when nothing matches: what comes later is not skipped', async () => {
    const defective = await startEventStoreDbLog({ hasKdb710: true });
    const wanted = newStream('emailclaim');
    const other = defective.open();
    await other.append(anAppend(newStream(), NO_STREAM, 2));
    const filter = { streamPrefixes: ['emailclaim-'] };
    const events: StoredEvent[] = [];
    const positions: (Position | null)[] = [];
    const following = (async () => {
      for await (const page of other.follow({ after: null, filter, signal: stop.signal })) {
        events.push(...page.events);
        positions.push(page.position);
      }
    })();
    await until('it stands at the end', () => positions.length > 1);
    expect(positions.at(-1)).toBe(await other.end());
    await other.append(anAppend(wanted, NO_STREAM));
    await until('it has the event', () => events.length === 1);
    stop.abort();
    await following;
    await defective.end();
  });

  test('a checkpoint overtakes events in the client: nobody who starts again at a page loses one', async () => {
    for (let n = 0; n < 30; n += 1) {
      await write(1, newStream('emailclaim'));
      await write(20);
    }
    const filter = { streamPrefixes: ['emailclaim-'] };
    const ids: string[] = [];
    let after: Position | null = null;
    // Each follower handles two pages and is lost.
    for (let starts = 0; ids.length < 30 && starts < 60; starts += 1) {
      let pages = 0;
      for await (const page of store.follow({ after, filter, signal: stop.signal, limit: 2 })) {
        ids.push(...idsOf(page.events));
        after = page.position;
        pages += 1;
        if (pages === 2) break;
      }
    }
    const all = await store.readAll({ after: null, filter, limit: 100 });
    expect(ids).toEqual(idsOf(all.events));
    await until('no subscription is left open', () => log.node.subscriptions.size === 0);
  });

  test('a position of another log, or beyond the end, ends the follower with an alert', async () => {
    await write(2);
    const { end } = log.node.log;
    for (const after of [place(end + 10n), place(end - 1n), place(END), '00000000000000000042' as Position]) {
      const seen = follow({ after });
      expect(await seen.ended).toMatchObject({ name: 'OtherLog' });
      expect(seen.ids).toEqual([]);
    }
    await expect(store.readAll({ after: place(end + 10n) })).rejects.toMatchObject({ name: 'OtherLog' });
  });

  test('a log that was restored from an older copy while somebody follows ends the follower with an alert', async () => {
    await write(10);
    const seen = follow();
    await until('it stands at the end', () => seen.pages.at(-1)?.atEnd === true);
    await log.node.restart({ lose: 5 });
    expect(await seen.ended).toMatchObject({ name: 'OtherLog' });
  });

  test('a server that is killed and started again, and one that freezes: the follower goes on', async () => {
    const written = await write(5);
    const seen = follow();
    await until('it has caught up', () => seen.ids.length >= 5);
    await log.node.kill();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await log.node.restart();
    written.push(...(await write(5)));
    await until('it has gone on', () => seen.ids.length >= 10);
    log.node.freeze();
    await until('it notices', () => faults.some((fault) => (fault as Error).name === 'StoreUnavailable'));
    log.node.thaw();
    written.push(...(await write(5)));
    await until('it has gone on again', () => seen.ids.length >= 15);
    expect(seen.ids).toEqual(written);
  });

  test('all who stand at the end share one subscription, and each gets what it wants once and in order', async () => {
    const before = await write(3);
    const everything = [follow(), follow({ limit: 2 })];
    const claims = follow({ filter: { streamPrefixes: ['emailclaim-'] } });
    const nothing = follow({ filter: { types: ['NeverHappened'] } });
    const all = [...everything, claims, nothing];
    const areAtEnd = (): boolean => all.every(({ pages }) => pages.slice(-2).every(({ atEnd }) => atEnd));
    await until('all share', () => all.every(({ pages }) => pages.length > 2) && areAtEnd());
    await until('one subscription is left', () => log.node.subscriptions.size === 1);
    const [claimed, others] = [await write(5, newStream('emailclaim')), await write(5)];
    const end = await store.end();
    await until('all have come there', () => all.every(({ pages }) => pages.at(-1)?.position === end) && areAtEnd());
    for (const { ids } of everything) expect(ids).toEqual([...before, ...claimed, ...others]);
    expect([claims.ids, nothing.ids]).toEqual([claimed, []]);
    expect([log.node.subscriptions.size, faults]).toEqual([1, []]);
    stop.abort();
    await Promise.all(all.map(({ ended }) => ended));
    await until('none is left', () => log.node.subscriptions.size === 0);
  });

  test('who falls behind what is kept for all goes on alone, and nobody waits for them', async () => {
    const settings = { signal: stop.signal, onFault: (fault: unknown) => faults.push(fault) };
    const slow = store.follow({ after: await store.end(), ...settings })[Symbol.asyncIterator]();
    // To the end, and into what is shared.
    for (let pages = 0; pages < 3; pages += 1) await slow.next();
    const fast = follow({ after: await store.end() });
    const written: string[] = [];
    for (let n = 0; n < 30; n += 1) written.push(...(await write(25)));
    await until('the fast one has all', () => fast.ids.length === 750);
    const ids: string[] = [];
    while (ids.length < 750) {
      const { value } = (await slow.next()) as { value: LogPage };
      ids.push(...idsOf(value.events));
    }
    expect([ids, fast.ids, faults]).toEqual([written, written, []]);
  });

  test('a slow consumer loses nothing', async () => {
    const written = await write(100);
    const slow: string[] = [];
    for await (const page of store.follow({ after: null, signal: stop.signal, limit: 10 })) {
      slow.push(...idsOf(page.events));
      if (written.length < 300) written.push(...(await write(50)));
      if (slow.length >= 300) break;
    }
    expect(slow).toEqual(written);
  });
});
