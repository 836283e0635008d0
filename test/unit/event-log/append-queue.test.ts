import { describe, expect, test } from '@jest/globals';
import type { AppendResult } from '@rollbook/shared/event-log/port';
import type { WrittenAppend } from '@rollbook/shared/event-log/postgres/append-batch';
import { AppendQueue } from '@rollbook/shared/event-log/postgres/append-queue';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';

const STORED: AppendResult = { outcome: 'stored', revision: 0, position: undefined };
const written = (stream: string, bytes = 10): WrittenAppend => ({
  stream,
  expectedRevision: -1,
  events: 'x'.repeat(bytes),
});

/** A queue whose calls are noted, and answered when the test says so. */
const given = (): { queue: AppendQueue; calls: string[][]; answer: () => void } => {
  const calls: string[][] = [];
  let open: (() => void) | undefined;
  const call = (appends: readonly WrittenAppend[]): Promise<AppendResult[]> => {
    calls.push(appends.map(({ stream }) => stream));
    return new Promise((resolve) => (open = () => resolve(appends.map(() => STORED))));
  };
  const queue = new AppendQueue({ call, clock: systemClock, random: systemRandom, deadline: 1_000 });
  return { queue, calls, answer: () => open?.() };
};

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the queue of waiting appends', () => {
  test('what comes while a batch is on its way goes together in the next one, in order', async () => {
    const { queue, calls, answer } = given();
    const first = [queue.submit(written('a')), queue.submit(written('b'))];
    await soon();
    const second = ['c', 'd', 'e'].map((stream) => queue.submit(written(stream)));
    expect(calls).toEqual([['a', 'b']]);
    answer();
    await Promise.all(first);
    await soon();
    expect(calls).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    answer();
    expect(await Promise.all(second)).toEqual([STORED, STORED, STORED]);
    await queue.idle();
  });

  test('a batch grows neither beyond 256 appends nor beyond 2 MiB', async () => {
    const { queue, calls, answer } = given();
    const all = [
      ...Array.from({ length: 300 }, (_, n) => queue.submit(written(String(n)))),
      ...['x', 'y', 'z'].map((stream) => queue.submit(written(stream, 1_000_000))),
    ];
    for (let n = 0; n < 3; n += 1) {
      await soon();
      answer();
    }
    await Promise.all(all);
    expect(calls.map(({ length }) => length)).toEqual([256, 46, 1]);
  });

  test('when 64 MiB wait already, more is turned away at once', async () => {
    const { queue, answer } = given();
    const waiting = Array.from({ length: 70 }, (_, n) => queue.submit(written(String(n), 1_000_000)));
    const turnedAway = expect(waiting.at(-1)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    const others = Promise.allSettled(waiting);
    const answering = setInterval(answer, 1);
    await turnedAway;
    expect((await others).filter(({ status }) => status === 'fulfilled')).toHaveLength(68);
    clearInterval(answering);
  });
});
