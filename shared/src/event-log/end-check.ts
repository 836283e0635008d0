import type { Clock } from '../kernel/clock.ts';
import { waitAtMost } from '../kernel/in-time.ts';
import { StoreUnavailable } from './errors.ts';
import type { Position } from './event.ts';

export interface EndCheckParts {
  /** Reads the log's end. */
  readonly end: () => Promise<Position | null>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
  /** The log ends before what had been reached of it. */
  readonly onShorter: () => void;
}

/** ms for which a follower counts as current after the log's end was read. */
const CURRENT_FOR = 500;
/** ms after which the end is read again, so that steady callers never wait for it. */
const READ_AFTER = 250;

/** Whether everything up to `end` has been reached. */
const isReached = (reached: Position | null, end: Position | null): boolean =>
  end === null || (reached !== null && reached >= end);

/**
 * Tells whether a follower stands at the log's end, from readings of that end and from what the follower has reached.
 * A reading counts from the moment at which it began, and only once everything up to it has come.
 */
export class EndCheck {
  readonly #parts: EndCheckParts;
  #reached: Position | null = null;
  /** When the reading began that was confirmed last. */
  #confirmedAt = -Infinity;
  /** An end that was read and is not reached yet. */
  #pending: { readonly end: Position; readonly at: number } | undefined;
  #reading: Promise<void> | undefined;
  #away = false;
  #failedAt = -Infinity;
  /** When the reading began that is under way, or was last. */
  #askedAt = -Infinity;
  /** It began while the failure before it still counted. */
  #inTime = false;
  /** Counts `begin`: a reading from before it proves nothing. 0: the follower has not begun. */
  #round = 0;

  constructor(parts: EndCheckParts) {
    this.#parts = parts;
  }

  /** The follower starts (again) at this place; nothing is confirmed. */
  begin(position: Position | null): void {
    this.#round += 1;
    this.#reached = position;
    this.#confirmedAt = -Infinity;
    this.#pending = undefined;
  }

  reach(position: Position | null): void {
    this.#reached = position;
    if (this.#pending && isReached(position, this.#pending.end)) {
      this.#confirm(this.#pending.at);
      this.#pending = undefined;
    }
  }

  /** Reads the end when it is time to; waits for it only when the last reading no longer counts, and at most 500 ms. */
  async isCurrent(): Promise<boolean> {
    if (this.#isWithin(this.#confirmedAt, READ_AFTER)) return true;
    const reading = this.#readEnd();
    if (this.#isWithin(this.#confirmedAt, CURRENT_FOR)) return true;
    await this.#waitFor(reading, CURRENT_FOR);
    return this.#isWithin(this.#confirmedAt, CURRENT_FOR);
  }

  /**
   * Whether the log cannot be reached; then the next reading is under way. A failure after which nobody asked for 500 ms
   * says nothing of now: the reading is waited for then, until it has been under way for 500 ms.
   */
  async isAway(): Promise<boolean> {
    if (!this.#away) return false;
    const reading = this.#readEnd();
    const wait = CURRENT_FOR - (this.#parts.clock.now() - this.#askedAt);
    if (!this.#inTime && !this.#isWithin(this.#failedAt, CURRENT_FOR) && wait > 0) await this.#waitFor(reading, wait);
    return this.#away;
  }

  #waitFor(reading: Promise<void>, ms: number): Promise<void> {
    return waitAtMost(this.#parts.clock, ms, reading);
  }

  /** Also false for a time in the future: a clock that was put back must not lengthen anything. */
  #isWithin(at: number, ms: number): boolean {
    const age = this.#parts.clock.now() - at;
    return age >= 0 && age < ms;
  }

  #confirm(at: number): void {
    this.#confirmedAt = Math.max(this.#confirmedAt, at);
  }

  /**
   * One reading at a time, shared by all who ask; none while the follower may still reach the last one in time, nor
   * right after one that failed.
   */
  #readEnd(): Promise<void> {
    if (this.#pending && this.#isWithin(this.#pending.at, CURRENT_FOR)) return Promise.resolve();
    if (this.#isWithin(this.#failedAt, READ_AFTER)) return Promise.resolve();
    this.#reading ??= this.#readOnce().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Never rejects. */
  async #readOnce(): Promise<void> {
    const { end: read, clock, onFault, onShorter } = this.#parts;
    const [round, before, at] = [this.#round, this.#reached, clock.now()];
    this.#askedAt = at;
    this.#inTime = this.#isWithin(this.#failedAt, CURRENT_FOR);
    try {
      const end = await read();
      this.#away = false;
      if (round !== this.#round || round === 0) return;
      this.#pending = undefined;
      if (before !== null && (end === null || end < before)) onShorter();
      else if (isReached(this.#reached, end)) this.#confirm(at);
      else if (end !== null) this.#pending = { end, at };
    } catch (fault) {
      const wasAway = this.#away;
      this.#away = fault instanceof StoreUnavailable;
      this.#failedAt = clock.now();
      if (!(wasAway && this.#away)) onFault(fault);
    }
  }
}
