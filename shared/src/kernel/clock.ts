/** Where time comes from. Only `main.ts` chooses an implementation, so that a test can move the clock. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** RFC 3339 in UTC with milliseconds. */
export const toInstant = (ms: number): string => new Date(ms).toISOString();

/** Milliseconds since 1970 of an RFC 3339 time that this system wrote. */
export const fromInstant = (instant: string): number => Date.parse(instant);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
