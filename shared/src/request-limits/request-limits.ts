import { HOUR } from '../kernel/clock.ts';

/** ms that requests are counted together, from a sender's first. */
export const WINDOW = HOUR;

/** Whose requests are counted together. */
export interface Counted {
  /** Nobody learns from it who it is. */
  readonly name: string;
  /** Requests an hour. */
  readonly perHour: number;
  /** An address, and nobody known by it. There may be any number of them. */
  readonly isAddress: boolean;
}

/** A sender's count in their window, as the library that counts says it. */
export interface WindowCount {
  readonly consumedPoints: number;
  /** ms until the window ends. */
  readonly msBeforeNext: number;
  readonly isFirstInDuration: boolean;
}

/** How a sender stands after one more request. */
export interface Standing {
  /** Requests an hour. */
  readonly limit: number;
  readonly remaining: number;
  /** ms until the count starts anew. */
  readonly resetsIn: number;
  /** True when this request is one too many. */
  readonly isOver: boolean;
}

/** Counts requests in windows of an hour, each beginning with a sender's first request. Never throws, never waits. */
export interface RequestLimits {
  count(sender: Counted): Promise<Standing>;
  /** Whoever is erased: their count goes, here at once, elsewhere within seconds. */
  forget(name: string): void;
}
