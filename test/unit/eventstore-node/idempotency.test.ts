import { describe, expect, test } from '@jest/globals';
import type { AppendExpectedRevision, EventStoreDBClient } from '@eventstore/db-client';
import { connect, events, failure, numbersIn, PATHS, reconnect, start, type Failure, type Sample } from './node-rig.ts';

// The table of wire part 2, "Idempotency": each row, on both ways to append.
describe.each(PATHS)('2: a repeated append by %s', (_name, by) => {
  const given = async (...appends: Sample[][]) => {
    const node = await start();
    const client = connect(node);
    for (const batch of appends) await client.appendToStream('count-1', batch, by);
    return { node, client };
  };
  const repeat = async (client: EventStoreDBClient, batch: Sample[], expectedRevision: AppendExpectedRevision) => {
    const answer = client.appendToStream('count-1', batch, { expectedRevision, ...by });
    return answer.then(
      ({ nextExpectedRevision, position }) => [nextExpectedRevision, position?.commit],
      (error: unknown) => [(error as Failure).type, (error as Failure).actualVersion],
    );
  };
  const WRONG = 'wrong-expected-version';
  const [a, b, c, d] = [events(1), events(2), events(3), events(4)].map(([event]) => event!) as [
    Sample,
    Sample,
    Sample,
    Sample,
  ];
  const place = (node: Awaited<ReturnType<typeof given>>['node'], revision: number) =>
    node.log.stream('count-1')[revision]?.position;

  describe('at an exact revision below the current one', () => {
    test('all ids in their place: success with the revision r+n, and the position of that event', async () => {
      const { node, client } = await given([a], [b, c], [d]);
      expect(await repeat(client, [b, c], 0n)).toEqual([2n, place(node, 2)]);
      expect(await numbersIn(client, 'count-1')).toEqual([1, 2, 3, 4]);
    });

    test.each([
      ['first ids there, then one that is not', [b, d]],
      ['first id not in its place', [d]],
      ['another order', [c, b]],
      ['no event', []],
    ])('%s: wrong revision', async (_case, batch) => {
      const { client } = await given([a, b, c]);
      expect(await repeat(client, batch, 0n)).toEqual([WRONG, 2n]);
    });

    test('the same ids with other data: success, and the new data is dropped', async () => {
      const { client } = await given([a], [b], [c]);
      expect((await repeat(client, [{ ...b, data: { n: 99 } }], 0n))[0]).toBe(1n);
      expect(await numbersIn(client, 'count-1')).toEqual([1, 2, 3]);
    });

    test('ids that are only in another stream: wrong revision', async () => {
      const { client } = await given([a], [c]);
      await client.appendToStream('count-2', [b], by);
      expect(await repeat(client, [b], 0n)).toEqual([WRONG, 1n]);
    });

    test('it is still known after a restart', async () => {
      const { node } = await given([a], [b], [c]);
      await node.restart();
      expect(await repeat(await reconnect(node), [b], 0n)).toEqual([1n, place(node, 1)]);
    });

    test('the position is missing where the event cannot be read any more', async () => {
      const { client } = await given([a], [b], [c]);
      await client.setStreamMetadata('count-1', { truncateBefore: 2 });
      expect(await repeat(client, [b], 0n)).toEqual([1n, undefined]);
    });
  });

  test('at the current revision no id is looked at: it is written a second time', async () => {
    const { client } = await given([a]);
    expect((await repeat(client, [a], 0n))[0]).toBe(1n);
    expect(await numbersIn(client, 'count-1')).toEqual([1, 1]);
  });

  test('above the current revision: wrong revision, whatever the ids', async () => {
    const { client } = await given([a]);
    expect(await repeat(client, [a], 1n)).toEqual([WRONG, 0n]);
  });

  describe('with "no stream" on a live stream', () => {
    test('all ids in their place: success with the revision n-1', async () => {
      const { node, client } = await given([a, b], [c]);
      expect(await repeat(client, [a, b], 'no_stream')).toEqual([1n, place(node, 1)]);
    });
    test.each([
      ['first ids there, then one that is not', [a, d]],
      ['first id not there', [d]],
      ['another order', [b, a]],
    ])('%s: wrong revision', async (_case, batch) => {
      const { client } = await given([a, b]);
      expect(await repeat(client, batch, 'no_stream')).toEqual([WRONG, 1n]);
    });
  });

  describe('with "no stream" on a soft-deleted stream', () => {
    const deleted = async () => {
      const { node, client } = await given([a, b]);
      await client.deleteStream('count-1');
      return { node, client };
    };
    test('ids equal to the old ones: success without a position, nothing written, nothing readable', async () => {
      const { node, client } = await deleted();
      expect(await repeat(client, [a, b], 'no_stream')).toEqual([1n, undefined]);
      expect(node.log.stream('count-1')).toHaveLength(2);
      expect(await numbersIn(client, 'count-1')).toBe('stream-not-found');
    });
    test('first ids there, then one that is not: wrong revision', async () => {
      const { client } = await deleted();
      expect(await repeat(client, [a, c], 'no_stream')).toEqual([WRONG, 1n]);
    });
    test.each([
      ['new ids', [c], [3]],
      ['another order', [b, a], [2, 1]],
    ])('%s: written after the old ones, and the stream lives again', async (_case, batch, readable) => {
      const { client } = await deleted();
      expect((await repeat(client, batch, 'no_stream'))[0]).toBe(1n + BigInt(batch.length));
      expect(await numbersIn(client, 'count-1')).toEqual(readable);
      expect((await client.getStreamMetadata('count-1')).metadata).toEqual({ truncateBefore: 2 });
    });
    test('a repeat of the append that revived it is not known: wrong revision', async () => {
      const { client } = await deleted();
      await repeat(client, [c], 'no_stream');
      expect(await repeat(client, [c], 'no_stream')).toEqual([WRONG, 2n]);
    });
    test('no event: wrong revision', async () => {
      const { client } = await deleted();
      expect(await repeat(client, [], 'no_stream')).toEqual([WRONG, 1n]);
    });
    test('at the exact current revision: written and revived; below it with old ids: success, no position', async () => {
      const { client } = await deleted();
      expect(await repeat(client, [b], 0n)).toEqual([1n, undefined]);
      expect(await repeat(client, [d], 0n)).toEqual([WRONG, 1n]);
      expect((await repeat(client, [c], 1n))[0]).toBe(2n);
      expect(await numbersIn(client, 'count-1')).toEqual([3]);
    });
    test('"stream exists": the stream is deleted', async () => {
      const { client } = await deleted();
      expect((await repeat(client, [a], 'stream_exists'))[0]).toBe('stream-deleted');
    });
  });

  describe.each(['any', 'stream_exists'] as const)('with "%s"', (expected) => {
    test('all ids remembered: success with the revision of the last id given', async () => {
      const { node, client } = await given([a], [b, c], [d]);
      expect(await repeat(client, [b, c], expected)).toEqual([2n, place(node, 2)]);
      expect(await repeat(client, [c, b], expected)).toEqual([1n, place(node, 1)]);
      expect(await numbersIn(client, 'count-1')).toEqual([1, 2, 3, 4]);
    });
    test('first ids remembered, then one that is not: wrong revision', async () => {
      const { client } = await given([a]);
      expect(await repeat(client, [a, b], expected)).toEqual([WRONG, 0n]);
    });
    test('the first id not remembered: all is written, also ids that are there', async () => {
      const { client } = await given([a]);
      await repeat(client, [b, a], expected);
      expect(await numbersIn(client, 'count-1')).toEqual([1, 2, 1]);
    });
    test('other data: success, and the new data is dropped', async () => {
      const { client } = await given([a]);
      expect((await repeat(client, [{ ...a, data: { n: 99 } }], expected))[0]).toBe(0n);
      expect(await numbersIn(client, 'count-1')).toEqual([1]);
    });
    test('a restart empties the memory: it is written a second time', async () => {
      const { node } = await given([a]);
      await node.restart();
      const again = await reconnect(node);
      await repeat(again, [a], expected);
      expect(await numbersIn(again, 'count-1')).toEqual([1, 1]);
    });
    test('an id first used in another stream makes the check blind', async () => {
      const { client } = await given([b]);
      await client.appendToStream('count-2', [a], by);
      await repeat(client, [a], expected);
      await repeat(client, [a], expected);
      expect(await numbersIn(client, 'count-1')).toEqual([2, 1, 1]);
    });
    test('a last id two places before the first: no answer at all', async () => {
      const { client } = await given([a, b, c]);
      const options = { expectedRevision: expected, deadline: 200, ...by };
      const lost = await failure(client.appendToStream('count-1', [c, a], options), _name === 'Append' ? 10_000 : 400);
      expect(lost.type ?? lost.name).toBe(_name === 'Append' ? 'deadline-exceeded' : 'no answer');
    });
    test('no event: success with what the stream has', async () => {
      const { client } = await given([a]);
      expect((await repeat(client, [], expected))[0]).toBe(0n);
    });
  });

  test('"any" on a soft-deleted stream writes after the old events', async () => {
    const { client } = await given([a, b]);
    await client.deleteStream('count-1');
    expect((await repeat(client, [c], 'any'))[0]).toBe(2n);
    expect(await numbersIn(client, 'count-1')).toEqual([3]);
  });

  test('"stream exists" where there was never a stream: wrong revision; metadata alone is enough', async () => {
    const { client } = await given();
    expect(await repeat(client, [a], 'stream_exists')).toEqual([WRONG, 'no_stream']);
    await client.setStreamMetadata('count-1', { maxCount: 5 });
    expect((await repeat(client, [a], 'stream_exists'))[0]).toBe(0n);
  });
});
