import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { excludeSystemEvents, type Filter, type Position, type ResolvedEvent } from '@eventstore/db-client';
import type { EventStoreNode, NodeOptions } from '../../support/eventstore-node/node.ts';
import { atEnd, connect, events, numbersOf, reconnect, start, until, watch } from './node-rig.ts';

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);

const given = async (options: NodeOptions, ...appends: [stream: string, ...numbers: number[]][]) => {
  const node = await start(options);
  const client = connect(node);
  const append = (stream: string, ...numbers: number[]) => client.appendToStream(stream, events(...numbers));
  for (const [stream, ...numbers] of appends) await append(stream, ...numbers);
  return { node, client, append };
};

/** The place of the record with this index in the whole log, hidden ones counted. */
const placeOf = (node: EventStoreNode, index: number): bigint => node.log.records[index]!.position;
const exactly = (commit: bigint): Position => ({ commit, prepare: commit });
const before = (commit: bigint): Position => ({ commit, prepare: 0n });

test('5.1, 5.2: first the confirmation, then the past, then "caught up", then what is new; never "fell behind"', async () => {
  const { client, append } = await given({}, ['count-1', 0, 1]);
  const { seen, subscription, isCaughtUp } = watch(client, { interval: 100 });
  const said: string[] = [];
  subscription.on('confirmation', () => said.push(`confirmed ${seen.length}`));
  subscription.on('fellBehind', () => said.push('fell behind'));
  await until(isCaughtUp);
  await append('count-1', 2, 3);
  await until(() => seen.includes(3));
  const shown = seen.filter((one) => typeof one !== 'object');
  expect([shown, said]).toEqual([[0, 1, 'caught-up', 2, 3], ['confirmed 0']]);
});

test('5.3: a position is excluded; "start" is everything, "end" what comes from now on', async () => {
  const { node, client, append } = await given({}, ['count-1', 0, 1, 2]);
  const place = placeOf(node, 4);
  const all = watch(client);
  const after = watch(client, { from: exactly(place) });
  const between = watch(client, { from: before(place) });
  const fresh = watch(client, { from: 'end' });
  await until(() => [all, after, between, fresh].every((one) => one.isCaughtUp()));
  await append('count-1', 3);
  await until(() => [all, after, between, fresh].every((one) => one.numbers().includes(3)));
  expect(all.numbers()).toEqual([0, 1, 2, 3]);
  expect(after.numbers()).toEqual([2, 3]);
  expect(between.numbers()).toEqual([1, 2, 3]);
  expect(fresh.numbers()).toEqual([3]);
});

test('5.4: the filter is a list of prefixes or a regex, on the stream’s name or the type, and hidden records stay hidden', async () => {
  const { client } = await given({}, ['count-1', 1], ['recount-2', 2], ['count-3', 3]);
  await client.appendToStream('$persistentsubscription-$all::g-checkpoint', events(9));
  const taken = async (filter: Filter | undefined): Promise<(number | string)[]> => {
    const subscription = client.subscribeToAll(filter ? { filter } : {});
    atEnd(() => subscription.unsubscribe());
    const got: ResolvedEvent[] = [];
    let isDone = false;
    subscription.on('data', (one: ResolvedEvent) => got.push(one)).on('caughtUp', () => (isDone = true));
    await until(() => isDone);
    await sleep(10);
    return got.map((one) => (one.event!.type === 'Counted' ? numbersOf([one])[0]! : one.event!.type));
  };
  const base = { checkpointInterval: 1 } as const;
  expect(await taken({ ...base, filterOn: 'streamName', prefixes: ['count-1', 'rec'] })).toEqual([1, 2]);
  expect(await taken({ ...base, filterOn: 'streamName', regex: 'count-[23]$' })).toEqual([2, 3]);
  expect(await taken({ ...base, filterOn: 'eventType', regex: 'ount' })).toEqual([1, 2, 3]);
  expect(await taken({ ...base, filterOn: 'eventType', prefixes: ['$User'] })).toEqual([
    '$UserCreated',
    '$UserCreated',
  ]);
  expect(await taken(excludeSystemEvents())).toEqual([1, 2, 3]);
  expect(await taken(undefined)).toEqual(['$UserCreated', '$UserCreated', 1, 2, 3]);
});

describe('checkpoints', () => {
  test('5.5, 5.6, 5.7: while catching up they come at the end of pages, as the start (X, 0) of the page just searched', async () => {
    const { node, client } = await given({}, ['other-1', ...range(0, 100)]);
    const each = watch(client, { window: 10 });
    const third = watch(client, { window: 10, interval: 3 });
    await until(() => each.isCaughtUp() && third.isCaughtUp());
    expect(each.checkpoints()).toEqual(range(0, 11).map((page) => before(placeOf(node, 10 * page))));
    expect(third.checkpoints()).toEqual([20, 50, 80, 100].map((index) => before(placeOf(node, index))));
  });

  test('5.7: where a page had a matching event, it is the last of them', async () => {
    const { node, client } = await given({}, ['count-1', 0], ['other-1', ...range(0, 10)], ['count-1', 1]);
    const { seen, isCaughtUp } = watch(client, { window: 7 });
    await until(isCaughtUp);
    expect(seen).toEqual(
      [0, exactly(placeOf(node, 3)), 1, exactly(placeOf(node, 14)), 'caught-up'].toSpliced(
        2,
        0,
        before(placeOf(node, 7)),
      ),
    );
  });

  test('5.5: a page without a size has 32 records, and hidden ones are counted', async () => {
    const { node, client } = await given({}, ['other-1', ...range(0, 61)]);
    const { checkpoints, isCaughtUp, subscription } = watch(client, { window: 32 });
    await until(isCaughtUp);
    expect(checkpoints()).toEqual([0, 32].map((index) => before(placeOf(node, index))));
    const unsized: Position[] = [];
    const other = client.subscribeToAll({
      filter: {
        filterOn: 'streamName',
        prefixes: ['none'],
        checkpointInterval: 1,
        checkpointReached: (_subscription, position) => Promise.resolve(void unsized.push(position)),
      },
    });
    atEnd(() => other.unsubscribe());
    await until(() => unsized.length === 2);
    expect(unsized).toEqual(checkpoints());
    await subscription.unsubscribe();
  });

  test('5.6, 5.7: once live they come exactly every interval, as the place of the last record considered', async () => {
    const { node, client, append } = await given({});
    const { checkpoints, isCaughtUp } = watch(client, { window: 5, interval: 2, from: 'end' });
    await until(isCaughtUp);
    expect(checkpoints()).toEqual([]);
    const subscribedAt = node.log.records.length;
    for (const n of range(0, 29)) await append('other-1', n);
    await until(() => checkpoints().length === 2);
    expect(checkpoints()).toEqual([9, 19].map((index) => exactly(placeOf(node, subscribedAt + index))));
  });

  test('5.8: on the wire none runs ahead of a matching event, and none comes twice or goes back', async () => {
    const { node, client, append } = await given({}, ['count-1', ...range(0, 70)]);
    // With one place in its buffer the client cannot give a checkpoint out before the events ahead of it (5.9).
    const { seen, checkpoints, isCaughtUp } = watch(client, { window: 3 });
    await until(isCaughtUp);
    for (const n of range(70, 30)) await append(n % 2 === 0 ? 'count-1' : 'other-1', n);
    await until(() => seen.includes(98));
    await sleep(20);
    const commits = checkpoints().map(({ commit }) => commit);
    expect(commits).toEqual([...new Set(commits)].toSorted((a, b) => (a < b ? -1 : 1)));
    expect(commits.length).toBeGreaterThan(30);
    expect(node.log.records.at(-1)!.position - commits.at(-1)!).toBeLessThan(400n);
  });

  test('5.9: in the client a checkpoint runs ahead of events that the consumer has not taken', async () => {
    const { node, client } = await given({}, ['count-1', ...range(0, 8)]);
    const handled: number[] = [];
    let ahead: { position: Position; handled: number } | undefined;
    const subscription = client.subscribeToAll({
      filter: {
        filterOn: 'streamName',
        prefixes: ['count'],
        checkpointInterval: 1,
        checkpointReached: (_subscription, position) =>
          Promise.resolve(void (ahead ??= { position, handled: handled.length })),
      },
    });
    atEnd(() => subscription.unsubscribe());
    for await (const one of subscription) {
      await sleep(20);
      handled.push(...numbersOf([one]));
      if (handled.length === 8) break;
    }
    expect(ahead).toEqual({ position: exactly(node.log.lastPosition.commit), handled: 0 });
  });

  test('5.7: one can be ordered between two records: the event after (X, 0) is the one at X', async () => {
    const { node, client, append } = await given({}, ['count-1', 0]);
    node.misbehave({ on: 'subscribe', do: 'checkpoint', at: 'next-record', after: 1 });
    const { checkpoints, isCaughtUp } = watch(client, { interval: 1_000 });
    await until(isCaughtUp);
    const [ordered] = checkpoints();
    await append('count-1', 1);
    expect(ordered).toEqual(before(placeOf(node, 4)));
    const again = watch(client, { from: ordered! });
    await until(() => again.numbers().length === 1);
    expect(again.numbers()).toEqual([1]);
  });

  test('5.10: with KDB-710, nothing found from the start is (2^64−1, 2^64−1), no other follows, and from there events are missed', async () => {
    const { client, append } = await given({ hasKdb710: true }, ['other-1', 0]);
    const defect = exactly(2n ** 64n - 1n);
    const { checkpoints, numbers, isCaughtUp } = watch(client, { window: 5 });
    await until(isCaughtUp);
    await append('count-1', ...range(0, 20));
    await until(() => numbers().length === 20);
    expect(checkpoints()).toEqual([defect]);
    const again = watch(client, { from: defect });
    await until(again.isCaughtUp);
    await append('count-1', 20);
    await until(() => again.numbers().length === 1);
    expect(again.numbers()).toEqual([20]);
  });

  test('5.10: without the defect, nothing found from the start is the start of the page', async () => {
    const { client } = await given({}, ['other-1', 0]);
    const { checkpoints, isCaughtUp } = watch(client);
    await until(isCaughtUp);
    expect(checkpoints()).toEqual([before(0n)]);
  });
});

describe('positions that this log does not have', () => {
  test('5.12: beyond the end is no error, and what is written up to there is passed over in silence', async () => {
    const { node } = await given({}, ['count-1', ...range(0, 10)]);
    const from = node.log.lastPosition;
    await node.restart({ lose: 6 });
    const again = await reconnect(node);
    const { seen, numbers, faults, isCaughtUp } = watch(again, { from });
    await until(isCaughtUp);
    expect(faults).toEqual([]);
    await again.appendToStream('count-1', events(20, 21));
    await again.appendToStream('count-1', events(...range(22, 10)));
    await until(() => numbers().includes(31));
    expect(seen.filter((one) => one === 20 || one === 21)).toEqual([]);
    expect(node.log.stream('count-1').length).toBeGreaterThan(numbers().length + 5);
  });

  test('5.13: inside the log, but where no record starts, is refused', async () => {
    const { node, client } = await given({}, ['count-1', 0, 1]);
    const { faults } = watch(client, { from: exactly(placeOf(node, 3) + 1n) });
    await until(() => faults.length > 0);
    expect(faults[0]).toMatchObject({
      type: 'unknown',
      code: 3,
      message: '3 INVALID_ARGUMENT: Trying to read from an invalid position.',
    });
  });
});

test('5.15: a slow consumer falls back to catching up in silence, misses nothing, and is told again that it caught up', async () => {
  const { client, append } = await given({});
  const { seen, subscription, numbers, faults, isCaughtUp } = watch(client);
  await until(isCaughtUp);
  subscription.pause();
  for (const first of range(0, 20)) await append('count-1', ...range(first * 100, 100));
  subscription.resume();
  await until(() => numbers().length === 2_000);
  await until(() => seen.filter((one) => one === 'caught-up').length > 1);
  expect(numbers()).toEqual(range(0, 2_000));
  expect(faults).toEqual([]);
});
