import { RateLimiterMemory } from 'rate-limiter-flexible';
import { SECOND } from '../kernel/clock.ts';
import { forgetOldest } from '../kernel/forget-oldest.ts';
import { WINDOW, type Counted, type Standing, type WindowCount } from './request-limits.ts';
import type { Correction } from './settlement-book.ts';

/** Names of one kind that are counted at once: some 30 MB. */
const MOST = 100_000;
/** Seconds of the window that an addition begins where the sender's own has just ended. */
const AT_ONCE = 0.001;

/**
 * Counts of requests in this process. Addresses are kept apart, and of each kind only so many: beyond that the count that
 * began first is forgotten, so that a flood of addresses costs no memory and takes nobody's count away but other addresses'.
 * The library's timers do not keep a process alive; its time is the machine's.
 */
export class WindowCounts {
  readonly #most: number;
  readonly #limiter: RateLimiterMemory;
  /** In the order in which their windows began. */
  readonly #people = new Set<string>();
  readonly #addresses = new Set<string>();

  /** `window`: in ms, whole seconds. */
  constructor({ most = MOST, window = WINDOW }: { readonly most?: number; readonly window?: number } = {}) {
    this.#most = most;
    this.#limiter = new RateLimiterMemory({ points: 1, duration: window / SECOND, keyPrefix: '' });
  }

  /** One more. The comparison with the limit is ours, for senders have limits of their own. */
  async add({ name, isAddress }: Counted): Promise<WindowCount> {
    const counted = await this.#limiter.penalty(name);
    if (counted.isFirstInDuration) await this.#remember(name, isAddress ? this.#addresses : this.#people);
    return counted;
  }

  /** How many there are; null: none. */
  async find(name: string): Promise<Pick<WindowCount, 'consumedPoints' | 'msBeforeNext'> | null> {
    const counted = await this.#limiter.get(name);
    return counted && counted.msBeforeNext > 0 ? counted : null;
  }

  /** Takes over what others counted. `ms`: to the end of the window. At once, so that no request comes in between. */
  correct(name: string, correction: Correction, ms: number): void {
    if (!this.#people.has(name) && !this.#addresses.has(name)) return;
    if ('add' in correction) void this.#limiter.penalty(name, correction.add, { customDuration: AT_ONCE });
    else void this.#limiter.set(name, correction.count, ms / SECOND);
  }

  async forget(name: string): Promise<void> {
    this.#people.delete(name);
    this.#addresses.delete(name);
    await this.#limiter.delete(name);
  }

  async #remember(name: string, names: Set<string>): Promise<void> {
    names.delete(name);
    names.add(name);
    const oldest = forgetOldest(names, this.#most);
    if (oldest !== undefined) await this.#limiter.delete(oldest);
  }
}

/** What a count means for a sender. */
export const standingOf = ({ perHour }: Counted, { consumedPoints, msBeforeNext }: WindowCount): Standing => ({
  limit: perHour,
  remaining: Math.max(0, perHour - consumedPoints),
  resetsIn: msBeforeNext,
  isOver: consumedPoints > perHour,
});
