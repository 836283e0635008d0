import type { Clock } from '../../kernel/clock.ts';

/** Messages wait and nothing happens, though nobody reported a fault: only a fresh process helps. */
export class FeedStalled extends Error {
  override readonly name = 'FeedStalled';
}

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How many messages wait for this consumer; null when nobody can tell. */
  readonly lag: () => Promise<number | null>;
  /** When the last sign of life was seen, in ms since 1970. */
  readonly lastSign: () => number;
  /** Milliseconds without a sign of life, while messages wait, that count as a stall. */
  readonly stallAfterMs: number;
  readonly onStalled: (fault: FeedStalled) => void;
}

/**
 * Watches a consumer from outside until the signal: calls `onStalled` once, when messages have been waiting for
 * `stallAfterMs` without any sign of life. A broker that cannot be asked is no stall.
 */
export const watchProgress = async (options: WatchdogOptions): Promise<void> => {
  const { clock, signal, stallAfterMs } = options;
  let waitingSince: number | null = null;
  while (!signal.aborted) {
    await clock.sleep(stallAfterMs / 6, signal);
    const lag = await options.lag();
    if (lag === null || lag === 0) waitingSince = null;
    else waitingSince ??= clock.now();
    if (waitingSince === null) continue;
    const silentFor = clock.now() - Math.max(waitingSince, options.lastSign());
    if (silentFor < stallAfterMs) continue;
    options.onStalled(
      new FeedStalled(`${String(lag)} messages wait, and none was handled for ${String(silentFor)} ms`),
    );
    return;
  }
};
