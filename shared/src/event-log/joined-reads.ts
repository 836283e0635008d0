import type { Clock } from '../kernel/clock.ts';
import { waitAtMost } from '../kernel/in-time.ts';

/** Most time (ms) that a read waits for the one before it: one that hangs must not hold up the others. */
const MOST_WAIT = 100;

interface UnderWay<Value> {
  readonly value: Promise<Value>;
  /** What all who have asked since it began will get. */
  next?: Promise<Value>;
}

/**
 * Reads of the same thing by many at once: while one is under way, all who ask wait for its end and share the one after
 * it. So nobody gets what was read before they asked, and however many ask, two readings are on their way at most,
 * unless one hangs.
 */
export class JoinedReads<Value> {
  readonly #clock: Clock;
  readonly #underWay = new Map<string, UnderWay<Value>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(key: string, begin: () => Promise<Value>): Promise<Value> {
    const before = this.#underWay.get(key);
    if (!before) return this.#begin(key, begin);
    before.next ??= waitAtMost(this.#clock, MOST_WAIT, before.value).then(() => this.#begin(key, begin));
    return before.next;
  }

  #begin(key: string, begin: () => Promise<Value>): Promise<Value> {
    const reading: UnderWay<Value> = { value: begin() };
    this.#underWay.set(key, reading);
    const end = (): void => {
      if (this.#underWay.get(key) === reading && !reading.next) this.#underWay.delete(key);
    };
    reading.value.then(end, end);
    return reading.value;
  }
}
