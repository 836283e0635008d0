import type { Clock } from '../kernel/clock.ts';

/** A bell for one sleeper: rung while nobody sleeps, it ends the next sleep at once, so that no ring is lost. */
export class Wake {
  readonly #clock: Clock;
  #bell = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#bell.abort();
  }

  /** Resolves at the next ring, at the latest after `ms` milliseconds. */
  async sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#bell.signal);
    if (this.#bell.signal.aborted) this.#bell = new AbortController();
  }
}
