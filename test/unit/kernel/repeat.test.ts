import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat, untilDone } from '@rollbook/shared/kernel/repeat';

/** A clock whose sleeps are noted and take no time; the signal aborts at the sleep of this number. */
const given = (most: number) => {
  const slept: number[] = [];
  const faults: unknown[] = [];
  const stopping = new AbortController();
  const clock: Clock = {
    now: () => 0,
    sleep: (ms) => {
      if (slept.push(ms) === most) stopping.abort();
      return Promise.resolve();
    },
  };
  return {
    slept,
    faults,
    repeating: { clock, onFault: (fault: unknown) => faults.push(fault), signal: stopping.signal },
  };
};

const away = new Error('away');
const failingOnce = <Result>(result: Result) => {
  let tries = 0;
  return (): Promise<Result> => (++tries === 1 ? Promise.reject(away) : Promise.resolve(result));
};

describe('Work that is repeated', () => {
  test('is done at once, and again after as long as it says, until the signal', async () => {
    const { slept, faults, repeating } = given(3);
    const waits = [SECOND, HOUR, SECOND];
    let done = 0;
    await repeat(repeating, () => Promise.resolve(waits[done++] ?? 0));
    expect(slept).toEqual([SECOND, HOUR, SECOND]);
    expect(done).toBe(3);
    expect(faults).toEqual([]);
  });

  test('comes again in a minute after a fault, or as soon as it was told to', async () => {
    const slow = given(2);
    await repeat(slow.repeating, failingOnce(HOUR));
    expect([slow.slept, slow.faults]).toEqual([[MINUTE, HOUR], [away]]);
    const quick = given(2);
    await repeat({ ...quick.repeating, pause: 5 }, failingOnce(HOUR));
    expect([quick.slept, quick.faults]).toEqual([[5, HOUR], [away]]);
  });

  test('is not begun after the signal', async () => {
    const { repeating } = given(1);
    let done = 0;
    await repeat({ ...repeating, signal: AbortSignal.abort() }, () => Promise.resolve(++done));
    expect(done).toBe(0);
  });
});

describe('Work that is to be done once', () => {
  test('is tried every second until it succeeds, and gives what it gave', async () => {
    const { slept, faults, repeating } = given(9);
    expect(await untilDone(repeating, failingOnce('done'))).toBe('done');
    expect([slept, faults]).toEqual([[SECOND], [away]]);
  });

  test('gives nothing when the signal comes first', async () => {
    const { faults, repeating } = given(2);
    expect(await untilDone(repeating, () => Promise.reject<string>(away))).toBeUndefined();
    expect(faults).toEqual([away, away]);
  });
});
