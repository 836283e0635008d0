import type { Clock } from './clock.ts';

/** A reason for an abort that only ends a wait: without one, each of thousands a second makes an error with a stack. */
export const OVER = 'over';

/**
 * What `work` gives or throws, or after `ms` what `late` gives or throws. What the work throws later goes nowhere.
 */
export const inTime = async <Value, Late>(
  clock: Clock,
  ms: number,
  work: Promise<Value>,
  late: () => Late,
): Promise<Value | Late> => {
  const done = new AbortController();
  const waited = clock.sleep(ms, done.signal).then<Value | Late>(() => (done.signal.aborted ? work : late()));
  try {
    return await Promise.race([work, waited]);
  } finally {
    done.abort(OVER);
  }
};

const nothing = (): void => undefined;

/** Resolves when the work has settled, after `ms` at the latest. Never rejects. */
export const waitAtMost = (clock: Clock, ms: number, work: Promise<unknown>): Promise<void> =>
  inTime(clock, ms, work.then(nothing, nothing), nothing);
