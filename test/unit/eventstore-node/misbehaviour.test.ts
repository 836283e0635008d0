import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { binaryEvent, type Filter, type ResolvedEvent } from '@eventstore/db-client';
import type { Order } from '../../support/eventstore-node/misbehaviour.ts';
import {
  atEnd,
  collect,
  connect,
  events,
  failure,
  numbersIn,
  numbersOf,
  PATHS,
  PLAIN,
  runClient,
  start,
  until,
  watch,
} from './node-rig.ts';

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);

describe('9.2: the acknowledgement is lost after writing', () => {
  test('Append: "deadline exceeded" at the deadline, and the event is there', async () => {
    const node = await start();
    const client = connect(node);
    node.misbehave({ on: 'append', do: 'lose-answer' });
    const lost = await failure(client.appendToStream('count-1', events(1), { deadline: 700, ...PLAIN }));
    expect(lost.type).toBe('deadline-exceeded');
    expect(await numbersIn(client, 'count-1')).toEqual([1]);
  });

  test('BatchAppend: silence for ever, until the client is disposed', async () => {
    const node = await start();
    const client = connect(node);
    node.misbehave({ on: 'batchAppend', do: 'lose-answer' });
    const waiting = failure(client.appendToStream('count-1', events(1), { deadline: 50 }));
    expect(await Promise.race([waiting, sleep(300, 'silence')])).toBe('silence');
    await client.dispose();
    expect(await waiting).toMatchObject({ type: 'unknown', code: 1 });
    expect(node.log.stream('count-1')).toHaveLength(1);
  });

  test('every third one, so often, for streams of one kind, or with nothing written', async () => {
    const node = await start();
    const client = connect(node);
    const third = node.misbehave({ on: 'append', do: 'lose-answer', every: 3, times: 2, stream: 'count' });
    const outcomes: (string | undefined)[] = [];
    for (const n of range(1, 9)) {
      await client.appendToStream('other-1', events(n), PLAIN);
      outcomes.push((await failure(client.appendToStream('count-1', events(n), { deadline: 200, ...PLAIN }))).type);
    }
    expect(outcomes.map((type, index) => (type === undefined ? 0 : index + 1)).filter(Boolean)).toEqual([3, 6]);
    expect(third.done).toBe(2);
    expect(await numbersIn(client, 'count-1')).toEqual(range(1, 9));
    node.misbehave({ on: 'append', do: 'lose-answer', before: true });
    await failure(client.appendToStream('count-2', events(1), { deadline: 60, ...PLAIN }));
    expect(await numbersIn(client, 'count-2')).toBe('stream-not-found');
  });

  test('2.6: an answer in which nothing is set leaves the caller waiting', async () => {
    const node = await start();
    node.misbehave({ on: 'append', do: 'answer-empty' });
    const waiting = connect(node).appendToStream('count-1', events(1), { deadline: 60, ...PLAIN });
    expect((await failure(waiting, 300)).isHanging).toBe(true);
  });

  test('an answer can come late, after or before the writing', async () => {
    const node = await start();
    const client = connect(node);
    for (const [before, written] of [
      [false, 1],
      [true, 0],
    ] as const) {
      node.misbehave({ on: 'append', do: 'delay', ms: 700, before });
      const stream = `count-${written}`;
      const late = failure(client.appendToStream(stream, events(1), { deadline: 400, ...PLAIN }));
      expect((await late).type).toBe('deadline-exceeded');
      expect(node.log.stream(stream)).toHaveLength(written);
    }
  });
});

const LEADER_GONE = { 'leader-endpoint-host': '127.0.0.1', 'leader-endpoint-port': '1' };

describe('6: every status with its trailers reaches the caller as its own error', () => {
  const cases: [string, number, Record<string, string>, string][] = [
    ['UNAVAILABLE', 14, {}, 'unavailable'],
    ['ABORTED', 10, {}, 'timeout'],
    ['CANCELLED', 1, {}, 'cancelled'],
    ['UNKNOWN', 2, {}, 'unknown'],
    ['INTERNAL', 13, {}, 'unknown'],
    ['RESOURCE_EXHAUSTED', 8, {}, 'unknown'],
    ['UNAUTHENTICATED', 16, {}, 'access-denied'],
    ['PERMISSION_DENIED with its trailer', 7, { exception: 'access-denied' }, 'access-denied'],
    ['PERMISSION_DENIED without it', 7, {}, 'unknown'],
    ['stream-deleted', 9, { exception: 'stream-deleted', 'stream-name': 'count-1' }, 'stream-deleted'],
    ['not-leader', 5, { exception: 'not-leader', ...LEADER_GONE }, 'not-leader'],
    ['stream-not-found', 5, { exception: 'stream-not-found', 'stream-name': 'x' }, 'stream-not-found'],
    ['invalid-transaction', 3, { exception: 'invalid-transaction' }, 'invalid-transaction'],
    [
      'append size',
      3,
      { exception: 'maximum-append-size-exceeded', 'maximum-append-size': '5' },
      'maximum-append-size-exceeded',
    ],
    ['event size', 3, { exception: 'maximum-append-event-size-exceeded', 'event-id': 'x' }, 'unknown'],
    [
      'missing property',
      3,
      { exception: 'missing-required-metadata-property', 'required-metadata-properties': 'type' },
      'missing-required-metadata-property',
    ],
  ];
  test.each(cases)('%s', async (_name, code, trailers, type) => {
    const node = await start();
    const client = connect(node);
    node.misbehave({
      on: ['append', 'read', 'delete', 'tombstone'],
      do: 'fail',
      code,
      trailers,
      times: 2,
      before: true,
    });
    expect(await failure(client.appendToStream('count-1', events(1), PLAIN))).toMatchObject({ type, code });
    const other = connect(node);
    expect(await failure(collect(other.readAll()))).toMatchObject({ type, code });
    expect(node.log.stream('count-1')).toHaveLength(0);
  });

  test.each(['not-leader', 'stream-deleted'])(
    '%s without its other trailers ends the client’s process',
    async (exception) => {
      const node = await start();
      node.misbehave({ on: 'append', do: 'fail', code: 9, trailers: { exception } });
      const { code, said } = await runClient(node, `await client.appendToStream('count-1', event(), PLAIN);`);
      expect([code, said]).toEqual([1, expect.stringContaining(`reading 'toString'`)]);
    },
  );
});

describe('9.2: the batch stream', () => {
  test.each([
    [14, {}, 'unavailable'],
    [1, {}, 'cancelled'],
    [5, { exception: 'not-leader', ...LEADER_GONE }, 'not-leader'],
    [10, {}, 'timeout'],
    [2, {}, 'unknown'],
    [13, {}, 'unknown'],
  ])(
    '3.10: an error with status %d refuses every append in flight, and the next one opens a new stream',
    async (code, trailers, type) => {
      const node = await start();
      const client = connect(node);
      await client.appendToStream('count-0', events(0));
      const features = node.misbehave({ on: 'features', do: 'delay', ms: 0 });
      node.misbehave({ on: 'batchAppend', do: 'lose-answer', times: 2 });
      node.misbehave({ on: 'batchAppend', do: 'fail', code, trailers });
      const flying = range(1, 3).map((n) => failure(client.appendToStream(`count-${n}`, events(n))));
      for (const failed of await Promise.all(flying)) expect(failed.type).toBe(type);
      // Where the leader named is dead, one append goes there in vain.
      if (type === 'not-leader') await failure(client.appendToStream('count-9', events(9)));
      await client.appendToStream('count-4', events(4));
      expect(features.done).toBe(['unavailable', 'cancelled', 'not-leader'].includes(type) ? 1 : 0);
    },
  );

  test('3.11: ended with OK, it leaves what is in flight and all that follows waiting for ever', async () => {
    const node = await start();
    const client = connect(node);
    node.misbehave({ on: 'batchAppend', do: 'end' });
    const flying = client.appendToStream('count-1', events(1));
    expect((await failure(flying, 150)).isHanging).toBe(true);
    expect((await failure(client.appendToStream('count-1', events(2)), 150)).isHanging).toBe(true);
  });

  test.each<Omit<Order, 'on'>>([
    { do: 'answer-twice' },
    { do: 'answer-unknown' },
    { do: 'answer-empty' },
    { do: 'refuse', detail: 'none' },
  ])('3.8: $do ends the client’s process', async (deed) => {
    const node = await start();
    node.misbehave({ on: 'batchAppend', ...deed });
    const { code, said } = await runClient(
      node,
      `await client.appendToStream('count-1', event()); await new Promise((later) => setTimeout(later, 5000));`,
    );
    expect([code, said]).toEqual([1, expect.stringContaining('TypeError')]);
  });

  test('3.10: an error on one client’s stream refuses the append of another client at another node', async () => {
    const [one, two] = [await start(), await start()];
    two.misbehave({ on: 'batchAppend', do: 'lose-answer' });
    one.misbehave({ on: 'batchAppend', do: 'fail', code: 13 });
    const innocent = failure(connect(two).appendToStream('count-2', events(2)));
    await until(() => two.log.stream('count-2').length === 1);
    await failure(connect(one).appendToStream('count-1', events(1)));
    expect(await innocent).toMatchObject({ type: 'unknown', code: 13 });
  });
});

test.each(PATHS)('9.2: a call that is reset is "cancelled" (%s)', async (_name, by) => {
  const node = await start();
  node.misbehave({ on: ['append', 'batchAppend'], do: 'reset' });
  const cut = await failure(connect(node).appendToStream('count-1', events(1), by));
  expect(cut).toMatchObject({ type: 'cancelled', message: '1 CANCELLED: Call cancelled' });
});

test('9.2: NotLeader with a dead endpoint: one raw "unavailable" there, then back to where the client began', async () => {
  const node = await start();
  const client = connect(node);
  node.misbehave({
    on: 'append',
    do: 'fail',
    code: 5,
    trailers: { exception: 'not-leader', ...LEADER_GONE },
    before: true,
  });
  expect((await failure(client.appendToStream('count-1', events(1), PLAIN))).type).toBe('not-leader');
  expect(await failure(client.appendToStream('count-1', events(1), PLAIN))).toMatchObject({ code: 14 });
  await client.appendToStream('count-1', events(1), PLAIN);
});

test('9.2: an upload that is too large is refused before its end', async () => {
  const client = connect(await start());
  const large = range(0, 40).map(() => binaryEvent({ type: 'A', data: new Uint8Array(1_000_000) }));
  expect((await failure(client.appendToStream('count-1', large, PLAIN))).type).toBe('maximum-append-size-exceeded');
});

describe('9.2: subscriptions', () => {
  test('ended with OK, the loop ends without an error, after what was buffered', async () => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(...range(0, 50)));
    node.misbehave({ on: 'subscribe', do: 'end', after: 40 });
    const filter: Filter = { filterOn: 'streamName', prefixes: ['count'], checkpointInterval: 1 };
    expect(numbersOf(await collect(client.subscribeToAll({ filter })))).toEqual(range(0, 40));
  });

  test.each([
    [14, 'unavailable'],
    [10, 'timeout'],
    [2, 'unknown'],
  ])('failed with status %d: first what was buffered, then the error', async (code, type) => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(...range(0, 30)));
    node.misbehave({ on: 'subscribe', do: 'fail', code, after: 20 });
    const { numbers, faults } = watch(client);
    await until(() => faults.length === 1);
    expect([numbers(), faults[0]!.type]).toEqual([range(0, 20), type]);
  });

  test('an open one can be ended, failed, silenced or reset at any time', async () => {
    const node = await start();
    const client = connect(node);
    const [ended, failed, silent, cut] = range(0, 4).map(() => watch(client, { from: 'end' }));
    await until(() => [ended, failed, silent, cut].every((one) => one!.isCaughtUp()));
    const deeds: Omit<Order, 'on'>[] = [
      { do: 'end' },
      { do: 'fail', code: 14 },
      { do: 'lose-answer' },
      { do: 'reset' },
    ];
    [...node.subscriptions].forEach((one, index) => one.disturb({ on: 'subscribe', ...deeds[index]! }));
    await until(() => ended!.hasEnded && failed!.faults.length > 0 && cut!.faults.length > 0);
    await connect(node).appendToStream('count-1', events(1), PLAIN);
    await sleep(50);
    expect([failed, cut].map((one) => one!.faults[0]!.type)).toEqual(['unavailable', 'cancelled']);
    expect([silent!.hasEnded, silent!.faults, silent!.numbers()]).toEqual([false, [], []]);
    expect(node.subscriptions.size).toBe(0);
  });

  test('an error that nobody listens to ends the process', async () => {
    const node = await start();
    node.misbehave({ on: 'subscribe', do: 'fail', code: 2 });
    const { code } = await runClient(node, `client.subscribeToAll().on('data', () => undefined);`);
    expect(code).toBe(1);
  });

  test('a checkpoint handler that throws ends the process', async () => {
    const node = await start();
    const filter = `{ filterOn: 'streamName', prefixes: ['x'], checkpointInterval: 1, checkpointReached: async () => { throw new Error('my own'); } }`;
    const { code, said } = await runClient(
      node,
      `client.subscribeToAll({ filter: ${filter} }).on('data', () => undefined);`,
    );
    expect([code, said]).toEqual([1, expect.stringContaining('my own')]);
  });

  test('a loop left with "break" leaves the call open at the node until it unsubscribes', async () => {
    const node = await start();
    const client = connect(node);
    const subscription = client.subscribeToAll();
    for await (const _ of subscription) break;
    await sleep(50);
    expect(node.subscriptions.size).toBe(1);
    await subscription.unsubscribe();
    await until(() => node.subscriptions.size === 0);
  });

  test('a checkpoint twice is reported twice; an empty message, and a checkpoint without a filter, are passed over', async () => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(1));
    const place = { commit: 7n, prepare: 7n };
    const { checkpoints, isCaughtUp, numbers } = watch(client, { from: 'end' });
    const plain = client.subscribeToAll({ fromPosition: 'end' });
    atEnd(() => plain.unsubscribe());
    const got: ResolvedEvent[] = [];
    plain.on('data', (one: ResolvedEvent) => got.push(one));
    await until(() => isCaughtUp() && node.subscriptions.size === 2);
    for (const open of node.subscriptions) {
      for (const _ of [1, 2]) open.disturb({ on: 'subscribe', do: 'checkpoint', at: place });
      open.disturb({ on: 'subscribe', do: 'answer-empty' });
    }
    await client.appendToStream('count-1', events(2));
    await until(() => got.length > 0 && numbers().length > 0);
    expect(checkpoints().slice(0, 2)).toEqual([place, place]);
    expect(numbersOf(got)).toEqual([2]);
  });

  test('a slow checkpoint handler holds up what comes after it', async () => {
    const node = await start();
    const client = connect(node);
    const seen: string[] = [];
    const slow = async () => {
      await sleep(50);
      seen.push('checkpoint');
    };
    const filter: Filter = { filterOn: 'streamName', prefixes: ['x'], checkpointInterval: 1, checkpointReached: slow };
    const subscription = client.subscribeToAll({ filter });
    atEnd(() => subscription.unsubscribe());
    subscription.on('caughtUp', () => seen.push('caught up')).on('data', () => undefined);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['checkpoint', 'caught up']);
  });

  test('a consumer that takes nothing stops the node after some hundred small events', async () => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(...range(0, 5_000)));
    const { subscription, numbers } = watch(client);
    subscription.pause();
    await until(() => [...node.subscriptions].some(({ sent }) => sent() > 100));
    await sleep(200);
    const [open] = node.subscriptions;
    expect(open!.sent()).toBeLessThan(2_000);
    subscription.resume();
    await until(() => numbers().length === 5_000);
  });
});
