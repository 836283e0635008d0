import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sharePartitions, type Holdings } from '@rollbook/shared/message-feed/kafka/assign-partitions';

const PARTITIONS = Array.from({ length: 12 }, (_, partition) => partition);

const group = fc.array(fc.array(fc.integer({ min: 0, max: 14 })), { minLength: 1, maxLength: 15 }).chain((held) =>
  fc.tuple(...held.map((all) => fc.record({ held: fc.constant(all), busy: fc.subarray(all) }))).map((members) => {
    return new Map(members.map((member, n): [string, Holdings] => [`member-${String(n)}`, member]));
  }),
);

describe('Sharing partitions in a group', () => {
  test('gives every partition to exactly one member', () => {
    fc.assert(
      fc.property(group, (members) => {
        const given = [...sharePartitions(PARTITIONS, members).values()].flat();
        expect(given.sort((a, b) => a - b)).toEqual(PARTITIONS);
      }),
    );
  });

  test('leaves a partition where a message of it is being handled', () => {
    fc.assert(
      fc.property(group, (members) => {
        const shares = sharePartitions(PARTITIONS, members);
        for (const partition of PARTITIONS) {
          const claiming = [...members].filter(([, { busy }]) => busy.includes(partition)).map(([name]) => name);
          const holder = [...shares].find(([, share]) => share.includes(partition))?.[0];
          if (claiming.length > 0) expect(claiming).toContain(holder);
        }
      }),
    );
  });

  test('gives all about as many when nobody is busy, and moves no more than it must', () => {
    const idle = (held: readonly number[]): Holdings => ({ busy: [], held });
    const shares = sharePartitions(
      PARTITIONS,
      new Map([
        ['a', idle(PARTITIONS)],
        ['b', idle([])],
      ]),
    );
    expect(shares).toEqual(
      new Map([
        ['a', [0, 1, 2, 3, 4, 5]],
        ['b', [6, 7, 8, 9, 10, 11]],
      ]),
    );
    const again = sharePartitions(PARTITIONS, new Map([...shares].map(([name, held]) => [name, idle(held)])));
    expect(again).toEqual(shares);
    const five = sharePartitions(PARTITIONS, new Map(['a', 'b', 'c', 'd', 'e'].map((name) => [name, idle([])])));
    expect([...five.values()].map((share) => share.length).sort()).toEqual([2, 2, 2, 3, 3]);
  });
});
