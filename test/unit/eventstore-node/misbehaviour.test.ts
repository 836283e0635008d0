import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { binaryEvent } from '@eventstore/db-client';
import type { Order } from '../../support/eventstore-node/misbehaviour.ts';
import { collect, connect, events, failure, numbersIn, PATHS, PLAIN, runClient, start, until } from './node-rig.ts';

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
      outcomes.push((await failure(client.appendToStream('count-1', events(n), { deadline: 500, ...PLAIN }))).type);
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
    const waiting = connect(node).appendToStream('count-1', events(1), { deadline: 1_000, ...PLAIN });
    expect((await failure(waiting, 1_300)).isHanging).toBe(true);
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
