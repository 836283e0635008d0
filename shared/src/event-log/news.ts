import type { Clock } from '../kernel/clock.ts';
import { OVER } from '../kernel/in-time.ts';

/** Wakes those who stand at the log's end. May stay silent or call for nothing: it never carries an event. */
export class News {
  readonly #clock: Clock;
  #waiting = new Set<() => void>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How often news came; remember it before reading, so that what comes during the read counts. */
  get count(): number {
    return this.#count;
  }

  announce(): void {
    this.#count += 1;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** Resolves on news since `seen`, after `ms`, or on the signal. Never rejects. */
  async wait(seen: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== seen || signal.aborted) return;
    const early = new AbortController();
    const wake = (): void => early.abort(OVER);
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await this.#clock.sleep(ms, early.signal);
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }
}
