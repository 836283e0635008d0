import type { Clock } from '@rollbook/shared/kernel/clock';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that only the test moves; whoever sleeps wakes when it has passed their time, or on their signal. */
export class SteppedClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        resolve();
      });
    });
  }

  /** Moves on by `ms` (back, when negative) and lets everybody act who waited for that. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    for (const sleeper of this.#sleepers)
      if (sleeper.until <= this.#now) {
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
    await settled();
  }
}

/** Resolves when nothing is left to do but what waits for a clock or a machine. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
