import { beforeEach, describe, expect, test } from '@jest/globals';
import { fromInstant, type Clock } from '@rollbook/shared/kernel/clock';
import {
  destroyDayKeys,
  destroyDayKeysHourly,
  firstDayKept,
} from '../../../projector/src/destroy-keys/destroy-day-keys.ts';
import { Progress } from '../../../projector/src/follow-in-turn/progress.ts';

let now = 0;
const clock: Clock = { now: () => now, sleep: () => Promise.resolve() };

describe('What a follower tells of itself', () => {
  let progress: Progress;
  beforeEach(() => {
    now = fromInstant('2026-01-02T03:04:05.678Z');
    progress = new Progress('relay', clock);
  });

  test('it is not ready before it has begun', async () => {
    await expect(progress.check()).rejects.toThrow('is starting, 0 ms behind');
  });

  test('it is ready while another copy leads', async () => {
    progress.become('standby');
    await expect(progress.check()).resolves.toBeUndefined();
  });

  test('it is not ready until it has reached the end of the log once, and says how far behind it is', async () => {
    progress.handled('0001', '2026-01-02T03:04:05.000Z', false);
    await expect(progress.check()).rejects.toThrow('is catching up, 678 ms behind');
    progress.handled('0002', null, true);
    await expect(progress.check()).resolves.toEqual({ lagMs: 0 });
    expect(progress.lag).toBe(0);
    expect(progress.position).toBe('0002');
  });

  test('it is not ready after five seconds of silence, nor while it meets faults', async () => {
    progress.handled('0001', null, true);
    now += 5_001;
    await expect(progress.check()).rejects.toThrow('is silent');
    progress.become('faulty');
    await expect(progress.check()).rejects.toThrow('is faulty');
  });

  test('after a fault it is not ready before it has reached the end again: it may meet the same one', async () => {
    progress.handled('0001', null, true);
    progress.become('faulty');
    progress.become('following');
    await expect(progress.check()).rejects.toThrow('is catching up');
    progress.handled('0002', null, true);
    await expect(progress.check()).resolves.toEqual({ lagMs: 0 });
  });

  test('it tells how far it is behind, and is not ready beyond half a minute', async () => {
    progress.handled('0001', null, true);
    progress.handled('0002', '2026-01-02T03:04:05.000Z', false);
    await expect(progress.check()).resolves.toEqual({ lagMs: 678 });
    now = fromInstant('2026-01-02T03:04:35.000Z');
    progress.handled('0002', '2026-01-02T03:04:05.000Z', false);
    await expect(progress.check()).resolves.toEqual({ lagMs: 30_000 });
    now += 1;
    await expect(progress.check()).rejects.toThrow('is too far behind, 30001 ms behind');
  });
});

describe('The key of a day', () => {
  test('lives until 30 days after the end of its day', () => {
    expect(firstDayKept(fromInstant('2026-01-31T23:59:59.999Z'))).toBe('2026-01-01');
    expect(firstDayKept(fromInstant('2026-02-01T00:00:00.000Z'))).toBe('2026-01-02');
  });

  test('is destroyed afterwards', async () => {
    now = fromInstant('2026-02-01T00:00:00.000Z');
    const destroyed: string[] = [];
    const keys = {
      livingDaysBefore: (day: string) =>
        Promise.resolve(['day-2025-12-31', 'day-2026-01-01', 'day-2026-01-02'].filter((each) => each < `day-${day}`)),
      destroy: (subject: string) => Promise.resolve(void destroyed.push(subject)),
    };
    expect(await destroyDayKeys({ keys, clock, onFault: () => undefined })).toEqual(destroyed);
    expect(destroyed).toEqual(['day-2025-12-31', 'day-2026-01-01']);
  });

  test('is looked for again when the keys could not be reached', async () => {
    const faults: unknown[] = [];
    const waits: number[] = [];
    const stop = new AbortController();
    let asked = 0;
    const keys = {
      livingDaysBefore: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve([]);
      },
      destroy: () => Promise.resolve(),
    };
    const sleep = (ms: number): Promise<void> => {
      waits.push(ms);
      if (waits.length === 2) stop.abort();
      return Promise.resolve();
    };
    await destroyDayKeysHourly(
      { keys, clock: { ...clock, sleep }, onFault: (fault) => faults.push(fault) },
      stop.signal,
    );
    expect(faults).toHaveLength(1);
    expect(waits).toEqual([60_000, 3_600_000]);
  });
});
