import { describe, expect, test } from '@jest/globals';
import { PartDown, readiness } from '@rollbook/shared/http/health';
import type { Clock } from '@rollbook/shared/kernel/clock';

/** A clock on which nothing is ever late. */
const clock: Clock = { now: () => 0, sleep: () => new Promise(() => undefined) };
const behind = (lagMs: number) => () => Promise.resolve({ lagMs });

describe('Readiness', () => {
  test('tells how far each part is behind that says so, and is no less ready for it', async () => {
    const parts = { directory: behind(90_000), sessions: behind(0), keys: () => Promise.resolve() };
    expect(await readiness(parts, clock)).toStrictEqual({
      status: 'ready',
      checks: { directory: 'up', sessions: 'up', keys: 'up' },
      lag_ms: { directory: 90_000, sessions: 0 },
    });
  });

  test('repeats why a part is down only where that was meant to be told', async () => {
    const parts = {
      directory: () => Promise.reject(new PartDown('is too far behind, 30001 ms behind')),
      keys: () => Promise.reject(new Error('password=hunter2')),
    };
    expect(await readiness(parts, clock)).toMatchObject({
      rejection: 'unavailable',
      details: [
        { field: 'directory', code: 'down', message: 'is too far behind, 30001 ms behind' },
        { field: 'keys', code: 'down', message: 'does not answer' },
      ],
    });
  });
});
