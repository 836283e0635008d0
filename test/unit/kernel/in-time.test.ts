import { describe, expect, test } from '@jest/globals';
import { forgetOldest } from '@rollbook/shared/kernel/forget-oldest';
import { inTime, waitAtMost } from '@rollbook/shared/kernel/in-time';
import { SteppedClock } from '../../support/stepped-clock.ts';

const never = new Promise<string>(() => undefined);

describe('Work that may take only so long', () => {
  test('is told by its own outcome where it is in time, good or bad', async () => {
    const clock = new SteppedClock();
    const late = (): never => {
      throw new Error('late');
    };
    expect(await inTime(clock, 10, Promise.resolve('done'), late)).toBe('done');
    await expect(inTime(clock, 10, Promise.reject(new Error('broken')), late)).rejects.toThrow('broken');
  });

  test('is given up when the time is over, by a value or by a fault', async () => {
    const clock = new SteppedClock();
    const value = inTime(clock, 10, never, () => 'late');
    const fault = expect(
      inTime(clock, 10, never, () => {
        throw new Error('late');
      }),
    ).rejects.toThrow('late');
    await clock.pass(10);
    expect(await value).toBe('late');
    await fault;
  });

  test('is waited for, however it ends, and no longer than that', async () => {
    const clock = new SteppedClock();
    await waitAtMost(clock, 10, Promise.reject(new Error('broken')));
    const waiting = waitAtMost(clock, 10, never);
    await clock.pass(10);
    await waiting;
  });
});

test('Of more entries than may stay, the one that was put in first goes', () => {
  const entries = new Map([['a', 1]]);
  expect(forgetOldest(entries, 1)).toBeUndefined();
  entries.set('b', 2);
  expect(forgetOldest(entries, 1)).toBe('a');
  expect([...entries.keys()]).toStrictEqual(['b']);
});
