import { describe, expect, test } from '@jest/globals';
import type { EventStoreDBClient, Position } from '@eventstore/db-client';
import { collect, connect, events, failure, numbersIn, numbersOf, reconnect, start } from './node-rig.ts';

const given = async (...appends: [stream: string, ...numbers: number[]][]) => {
  const node = await start();
  const client = connect(node);
  for (const [stream, ...numbers] of appends) await client.appendToStream(stream, events(...numbers));
  return { node, client };
};

describe('reading a stream', () => {
  test('4.3: a revision is included, forwards and backwards; beyond the end there is nothing, and no error', async () => {
    const { client } = await given(['count-1', 0, 1, 2, 3]);
    const read = async (options: Parameters<EventStoreDBClient['readStream']>[1]) =>
      numbersOf(await collect(client.readStream('count-1', options)));
    expect(await read({ fromRevision: 2n })).toEqual([2, 3]);
    expect(await read({ fromRevision: 2n, direction: 'backwards' })).toEqual([2, 1, 0]);
    expect(await read({ fromRevision: 'end', direction: 'backwards', maxCount: 2 })).toEqual([3, 2]);
    expect(await read({ fromRevision: 'start', maxCount: 1 })).toEqual([0]);
    expect(await read({ fromRevision: 9n })).toEqual([]);
    expect(await read({ fromRevision: 9n, direction: 'backwards', maxCount: 1 })).toEqual([3]);
  });

  test('4.2: a stream that is missing, has metadata only, or is soft-deleted is not found; a tombstone says so', async () => {
    const { client } = await given(['count-1', 1], ['count-2', 1]);
    await client.setStreamMetadata('count-3', { maxCount: 1 });
    await client.deleteStream('count-1');
    await client.tombstoneStream('count-2');
    for (const stream of ['count-0', 'count-1', 'count-3'])
      expect(await numbersIn(client, stream)).toBe('stream-not-found');
    expect(await numbersIn(client, 'count-2')).toBe('stream-deleted');
  });

  test('4.4, 4.5, 4.6: an event comes back whole, with commit equal to prepare, growing inside one append too', async () => {
    const { client } = await given();
    const [first] = events(7);
    await client.appendToStream('count-ü', [{ ...first!, metadata: { why: 'ä' } }, ...events(8)]);
    const [one, two] = await collect(client.readStream('count-ü'));
    expect(one!.event).toMatchObject({
      id: first!.id,
      type: 'Counted',
      data: { n: 7 },
      streamId: 'count-ü',
      revision: 0n,
      metadata: { why: 'ä' },
      isJson: true,
    });
    expect(Math.abs(one!.event!.created.getTime() - Date.now())).toBeLessThan(5_000);
    for (const { event, commitPosition } of [one!, two!]) {
      expect(event!.position).toEqual({ commit: commitPosition, prepare: commitPosition });
    }
    expect(two!.commitPosition! - one!.commitPosition!).toBeGreaterThan(1n);
  });

  test('7.5: $maxCount, $tb and $maxAge act on stream reads at once, and not on $all', async () => {
    const { client } = await given(['count-1', 0, 1, 2, 3]);
    await client.setStreamMetadata('count-1', { maxCount: 2 });
    expect(await numbersIn(client, 'count-1')).toEqual([2, 3]);
    await client.setStreamMetadata('count-1', { truncateBefore: 1 });
    expect(await numbersIn(client, 'count-1')).toEqual([1, 2, 3]);
    await client.setStreamMetadata('count-1', { maxAge: 1_000 });
    expect(await numbersIn(client, 'count-1')).toEqual([0, 1, 2, 3]);
    await client.setStreamMetadata('count-1', { truncateBefore: 4 });
    expect(await numbersIn(client, 'count-1')).toEqual([]);
    const all = await collect(client.readAll());
    expect(all.filter(({ event }) => event!.streamId === 'count-1')).toHaveLength(4);
  });
});

describe('reading $all', () => {
  test('4.7: it has the system’s events in log order, and hides records that still take up a place', async () => {
    const { node, client } = await given(['count-1', 1]);
    await client.appendToStream('$persistentsubscription-$all::g-checkpoint', events(2));
    await client.setStreamMetadata('count-1', { maxCount: 9 });
    await client.tombstoneStream('count-1');
    const all = await collect(client.readAll());
    expect(all.map(({ event }) => event!.type)).toEqual([
      '$UserCreated',
      '$UserCreated',
      'Counted',
      '$metadata',
      '$streamDeleted',
    ]);
    const hidden = node.log.records.filter(({ position }) => !all.some((one) => one.commitPosition === position));
    expect(hidden.map(({ stream }) => stream)).toEqual([
      '$epoch-information',
      '$persistentsubscription-$all::g-checkpoint',
    ]);
    await node.restart();
    expect(node.log.records.at(-1)!.stream).toBe('$epoch-information');
    expect(await collect((await reconnect(node)).readAll())).toHaveLength(all.length);
  });

  test('4.8: forwards includes the position, backwards excludes it', async () => {
    const { node, client } = await given(['count-1', 0, 1, 2]);
    const { position } = node.log.stream('count-1')[1]!;
    const fromPosition: Position = { commit: position, prepare: position };
    expect(numbersOf(await collect(client.readAll({ fromPosition })))).toEqual([1, 2]);
    const [back] = await collect(client.readAll({ fromPosition, direction: 'backwards', maxCount: 1 }));
    expect(numbersOf([back!])).toEqual([0]);
    const [last] = await collect(client.readAll({ fromPosition: 'end', direction: 'backwards', maxCount: 1 }));
    expect(numbersOf([last!])).toEqual([2]);
  });

  test('4.9, 5.14: beyond the end, forwards finds nothing and backwards fails; off a boundary both fail', async () => {
    const { node, client } = await given(['count-1', 0]);
    const probe = async (commit: bigint, direction: 'forwards' | 'backwards', prepare = commit) => {
      const read = collect(client.readAll({ fromPosition: { commit, prepare }, direction, maxCount: 1 }));
      return (await failure(read.then((found) => found.length))).message;
    };
    const { end } = node.log;
    expect(await probe(end, 'backwards')).toBe('1');
    expect(await probe(end + 10_000n, 'forwards')).toBe('0');
    expect(await probe(end + 10_000n, 'backwards')).toBe('2 UNKNOWN: Unexpected ReadAllResult: Error');
    for (const direction of ['forwards', 'backwards'] as const) {
      expect(await probe(end - 1n, direction)).toBe('2 UNKNOWN: Unexpected ReadAllResult: InvalidPosition');
    }
  });

  test('4.10: a prepare above the commit and numbers from 2^63 are exceptions; (2^64−1, 2^64−1) is the end', async () => {
    const { client } = await given(['count-1', 0]);
    const read = (commit: bigint, prepare: bigint) =>
      failure(collect(client.readAll({ fromPosition: { commit, prepare }, direction: 'backwards', maxCount: 1 })));
    expect(await read(0n, 5n)).toMatchObject({ type: 'unknown', code: 2 });
    expect(await read(2n ** 63n, 0n)).toMatchObject({ type: 'unknown', code: 2 });
    expect((await read(2n ** 64n - 1n, 2n ** 64n - 1n)).name).toBe('no failure');
  });

  test('4.11: a silent node makes a read wait for ever', async () => {
    const { node, client } = await given(['count-1', 0]);
    node.misbehave({ on: 'read', do: 'lose-answer' });
    expect(await failure(collect(client.readAll()), 200)).toMatchObject({ isHanging: true });
  });
});

describe('deleting', () => {
  test('7.2: a soft delete leaves one metadata event that holds $tb = 2^63−1 alone', async () => {
    const { node, client } = await given(['count-1', 1]);
    await client.setStreamMetadata('count-1', { maxCount: 7 });
    const { position } = await client.deleteStream('count-1', { expectedRevision: 0n });
    const written = node.log.stream('$$count-1').at(-1)!;
    expect(position).toEqual({ commit: written.position, prepare: written.position });
    expect(written.data.toString()).toBe('{"$tb":9223372036854775807}');
  });

  test('7.1: the client gives metadata by its own names, and the place of the event as its revision', async () => {
    const { node, client } = await given(['count-1', 1]);
    expect(await client.getStreamMetadata('count-1')).toEqual({ streamName: 'count-1' });
    await client.setStreamMetadata('count-1', { maxCount: 7, truncateBefore: 1 });
    const { metadata, metastreamRevision } = await client.getStreamMetadata('count-1');
    expect(metadata).toEqual({ maxCount: 7, truncateBefore: 1 });
    expect(metastreamRevision).toBe(node.log.stream('$$count-1')[0]!.position);
  });

  test('7.3: what never existed cannot be deleted; a second soft delete succeeds, a second tombstone does not', async () => {
    const { client } = await given(['count-1', 1]);
    expect(await failure(client.deleteStream('count-9'))).toMatchObject({
      type: 'wrong-expected-version',
      expectedVersion: -2n,
      actualVersion: -1n,
    });
    await client.setStreamMetadata('count-9', { maxCount: 1 });
    await client.deleteStream('count-9');
    await client.deleteStream('count-1');
    await client.deleteStream('count-1');
    await client.tombstoneStream('count-1');
    expect(await failure(client.tombstoneStream('count-1'))).toMatchObject({
      type: 'stream-deleted',
      streamName: 'count-1',
    });
  });

  test('6: a wrong revision of a delete is an error with trailers', async () => {
    const { client } = await given(['count-1', 1]);
    const wrong = { type: 'wrong-expected-version', code: 9, streamName: 'count-1', actualVersion: 0n };
    expect(await failure(client.deleteStream('count-1', { expectedRevision: 5n }))).toMatchObject({
      ...wrong,
      expectedVersion: 5n,
    });
    const none = await failure(client.tombstoneStream('count-1', { expectedRevision: 'no_stream' }));
    expect(none).toMatchObject({ ...wrong, expectedVersion: -1n });
  });
});
