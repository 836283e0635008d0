import { describe, expect, test } from '@jest/globals';
import { ApiKeyUses } from '../../../query-api/src/api-key-uses/api-key-uses.ts';

/** Uses of keys over a table in memory; the clock stands until `minute` lets the sleeper go on. */
const rig = () => {
  let now = 1_000;
  let wake: (() => void) | undefined;
  const clock = {
    now: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = () => {
          now += ms;
          resolve();
        };
        signal?.addEventListener('abort', () => {
          resolve();
        });
      }),
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const written: (readonly [string, number])[][] = [];
  const faults: unknown[] = [];
  let broken = false;
  const table = {
    write: (uses: ReadonlyMap<string, number>) => {
      if (broken) return Promise.reject(new Error('away'));
      written.push([...uses]);
      return Promise.resolve();
    },
  };
  const stopping = new AbortController();
  const uses = new ApiKeyUses({ table, clock, onFault: (fault) => faults.push(fault) });
  const running = uses.run(stopping.signal);
  return {
    uses,
    written,
    faults,
    setBroken: (value: boolean) => (broken = value),
    tick: () => (now += 1),
    minute: async () => {
      wake?.();
      await settle();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

describe('The last use of a key', () => {
  test('is written once a minute, however often the key is used, and not at all where none was', async () => {
    const { uses, written, minute, tick, stop } = rig();
    uses.note('a');
    tick();
    uses.note('a');
    uses.note('b');
    expect(written).toStrictEqual([]);
    await minute();
    await minute();
    expect(written).toStrictEqual([
      [
        ['a', 1_001],
        ['b', 1_001],
      ],
    ]);
    await stop();
    expect(written).toHaveLength(1);
  });

  test('is written at the end', async () => {
    const { uses, written, stop } = rig();
    uses.note('a');
    await stop();
    expect(written).toStrictEqual([[['a', 1_000]]]);
  });

  test('is kept for the next minute while the database is away', async () => {
    const { uses, written, faults, minute, setBroken, stop } = rig();
    uses.note('a');
    uses.note('b');
    setBroken(true);
    await minute();
    uses.note('b');
    setBroken(false);
    await stop();
    expect(faults).toHaveLength(1);
    expect(written).toStrictEqual([
      [
        ['a', 1_000],
        ['b', 61_000],
      ],
    ]);
  });
});
