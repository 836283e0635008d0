import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { binaryEvent, jsonEvent } from '@eventstore/db-client';
import { collect, connect, events, failure, numbersIn, numbersOf, PATHS, PLAIN, start } from './node-rig.ts';

describe('what the node says it can do', () => {
  test('1.3: with BatchAppend among its methods, the client appends by it; per-call credentials choose Append', async () => {
    const node = await start();
    const client = connect(node);
    const batch = node.misbehave({ on: 'batchAppend', do: 'delay', ms: 0 });
    const plain = node.misbehave({ on: 'append', do: 'delay', ms: 0 });
    await client.appendToStream('count-1', events(1));
    expect([batch.done, plain.done]).toEqual([1, 0]);
    await client.appendToStream('count-1', events(2), PLAIN);
    expect([batch.done, plain.done]).toEqual([1, 1]);
  });

  test('1.3: without it, the client appends by Append', async () => {
    const node = await start({ hasBatchAppend: false });
    const plain = node.misbehave({ on: 'append', do: 'delay', ms: 0 });
    await connect(node).appendToStream('count-1', events(1));
    expect(plain.done).toBe(1);
  });

  test('1.5: UNIMPLEMENTED is taken as "no BatchAppend"', async () => {
    const node = await start();
    node.misbehave({ on: 'features', do: 'fail', code: 12 });
    const plain = node.misbehave({ on: 'append', do: 'delay', ms: 0 });
    await connect(node).appendToStream('count-1', events(1));
    expect(plain.done).toBe(1);
  });

  test('1.6, 1.7: another error reaches the caller raw, and is remembered for the life of the client', async () => {
    const node = await start();
    node.misbehave({ on: 'features', do: 'fail', code: 2 });
    const client = connect(node);
    for (const n of [1, 2]) {
      const raw = await failure(client.appendToStream('count-1', events(n)));
      expect([raw.code, raw.type]).toEqual([2, undefined]);
    }
    await client.appendToStream('count-1', events(3), PLAIN);
    await connect(node).appendToStream('count-1', events(4));
    expect(await numbersIn(client, 'count-1')).toEqual([3, 4]);
  });

  test('1.8: never answered, it makes the append wait for ever', async () => {
    const node = await start();
    node.misbehave({ on: 'features', do: 'lose-answer' });
    const waiting = failure(connect(node).appendToStream('count-1', events(1), { deadline: 50 }), 300);
    expect((await waiting).isHanging).toBe(true);
  });
});

describe.each(PATHS)('appending by %s', (_name, by) => {
  test('2.3: answers the revision and the position of the last event of the request', async () => {
    const node = await start();
    const client = connect(node);
    const answer = await client.appendToStream('count-1', events(1, 2), { expectedRevision: 'no_stream', ...by });
    const [, second] = await collect(client.readStream('count-1'));
    expect(answer).toEqual({ success: true, nextExpectedRevision: 1n, position: second!.event!.position });
  });

  test('2.3: no event on a missing stream is a success without a position; the client calls it revision 0', async () => {
    const answer = await connect(await start()).appendToStream('count-1', [], { expectedRevision: 'no_stream', ...by });
    expect(answer).toEqual({ success: true, nextExpectedRevision: 0n, position: undefined });
  });

  test('2.4: a wrong revision is answered with what the stream has', async () => {
    const client = connect(await start());
    const wrong = await failure(client.appendToStream('count-1', events(1), { expectedRevision: 4n, ...by }));
    expect(wrong).toMatchObject({ type: 'wrong-expected-version', actualVersion: 'no_stream', expectedVersion: 4n });
    expect([wrong.code, wrong.message]).toEqual([undefined, '']);
    await client.appendToStream('count-1', events(1, 2), by);
    const late = await failure(client.appendToStream('count-1', events(3), { expectedRevision: 'no_stream', ...by }));
    expect(late).toMatchObject({ actualVersion: 1n, expectedVersion: 'no_stream' });
    const missing = client.appendToStream('count-2', events(3), { expectedRevision: 'stream_exists', ...by });
    expect(await failure(missing)).toMatchObject({ actualVersion: 'no_stream', expectedVersion: 'stream_exists' });
  });

  test('2.7: data, metadata and twice the type name count, and one byte above the limit is refused', async () => {
    const node = await start({ maxAppendSize: 1_000 });
    const client = connect(node);
    const sized = (bytes: number) =>
      binaryEvent({ type: 'Counted', data: new Uint8Array(bytes - 14 - 10), metadata: new Uint8Array(10) });
    await client.appendToStream('count-1', [sized(600), sized(400)], by);
    const refused = await failure(client.appendToStream('count-1', [sized(600), sized(401)], by));
    expect(refused).toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1_000 });
    expect(node.log.stream('count-1')).toHaveLength(2);
  });

  test('2.7: the limit is 1 MiB where nothing else is said', async () => {
    const client = connect(await start());
    const large = binaryEvent({ type: 'A', data: new Uint8Array(1024 * 1024 - 1) });
    expect(await failure(client.appendToStream('count-1', large, by))).toMatchObject({ maxAppendSize: 1024 * 1024 });
  });

  test('2.13: a tombstone refuses every expected revision, also for ids that are there', async () => {
    const client = connect(await start());
    const first = events(1);
    await client.appendToStream('count-1', first, by);
    await client.tombstoneStream('count-1');
    for (const expectedRevision of ['any', 'no_stream', 'stream_exists', 0n, 7n] as const) {
      const refused = await failure(client.appendToStream('count-1', first, { expectedRevision, ...by }));
      expect(refused).toMatchObject({ type: 'stream-deleted', streamName: 'count-1' });
    }
  });
});

describe('2.9: what the client does not check', () => {
  test('an empty type and an id that is none are exceptions in the server', async () => {
    const node = await start();
    const client = connect(node);
    const typeless = { ...jsonEvent({ type: 'x', data: {} }), type: '' };
    expect(await failure(client.appendToStream('count-1', typeless, PLAIN))).toMatchObject({
      type: 'unknown',
      code: 2,
    });
    const nameless = { ...jsonEvent({ type: 'x', data: {} }), id: 'no-uuid' };
    expect(await failure(client.appendToStream('count-1', nameless, PLAIN))).toMatchObject({
      type: 'unknown',
      message: '2 UNKNOWN: Exception was thrown by handler.',
    });
    expect(node.log.stream('count-1')).toHaveLength(0);
  });
});

describe('2.2, 2.11: an append is written whole or not at all', () => {
  test('clients that go away in the middle of their uploads leave all of each or nothing', async () => {
    const node = await start();
    const client = connect(node);
    const many = () => Array.from({ length: 100 }, () => binaryEvent({ type: 'A', data: new Uint8Array(800) }));
    const streams = Array.from({ length: 120 }, (_, n) => `count-${String(n)}`);
    for (const [n, stream] of streams.entries())
      await failure(client.appendToStream(stream, many(), { deadline: 1 + (n % 25), ...PLAIN }));
    await sleep(200);
    const lengths = new Set(streams.map((stream) => node.log.stream(stream).length));
    expect([...lengths].filter((length) => length !== 0 && length !== 100)).toEqual([]);
    expect(lengths).toContain(0);
  });
});

describe('3.2: the deadline of a batch append is a time by the client’s clock', () => {
  test('one that is already past is answered as exceeded, and nothing is written', async () => {
    const node = await start();
    const client = connect(node);
    expect(await failure(client.appendToStream('count-1', events(1), { deadline: -1_000 }))).toMatchObject({
      type: 'deadline-exceeded',
    });
    expect(node.log.stream('count-1')).toHaveLength(0);
  });
});

describe('3.1: an append in many chunks', () => {
  test('is collected by its correlation id, beside others on the same stream, and written as one', async () => {
    const node = await start();
    const client = connect(node);
    const many = (first: number) => events(...Array.from({ length: 20 }, (_, index) => first + index));
    await Promise.all([
      client.appendToStream('count-1', many(0), { batchAppendSize: 200 }),
      client.appendToStream('count-2', many(100), { batchAppendSize: 200 }),
    ]);
    for (const [stream, first] of [
      ['count-1', 0],
      ['count-2', 100],
    ] as const) {
      const read = await collect(client.readStream(stream));
      expect(numbersOf(read)).toEqual(many(first).map(({ data }) => data.n));
    }
  });
});

describe('3.5, 3.6: errors of one append on the batch stream', () => {
  test.each([
    ['Timeout', 'deadline-exceeded'],
    ['Unknown', 'unknown'],
    ['AccessDenied', 'access-denied'],
    ['BadRequest', 'unknown'],
    ['InvalidTransaction', 'unknown'],
    ['Empty', 'unknown'],
  ])('detail %s is "%s" to its caller, and the stream goes on', async (detail, type) => {
    const node = await start();
    const client = connect(node);
    node.misbehave({ on: 'batchAppend', do: 'refuse', detail, before: true });
    expect(await failure(client.appendToStream('count-1', events(1)))).toMatchObject({ type, code: undefined });
    await client.appendToStream('count-1', events(2));
    expect(await numbersIn(client, 'count-1')).toEqual([2]);
  });
});

test('2: the same id twice in one batch is written twice', async () => {
  const client = connect(await start());
  const [one] = events(1);
  const id = randomUUID();
  await client.appendToStream('count-1', [
    { ...one!, id },
    { ...one!, id },
  ]);
  expect(await numbersIn(client, 'count-1')).toEqual([1, 1]);
});
