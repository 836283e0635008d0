import type { Clock } from '../kernel/clock.ts';
import { untilAborted } from '../kernel/until-aborted.ts';
import type { News } from './news.ts';
import type { FollowOptions, LogPage, ReadAllOptions } from './port.ts';

/** A follower at the log's end shows at least this often that it is alive, in ms. */
const HEARTBEAT = 250;
/** Between two tries at a store that does not answer, in ms: 20, 40, … */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

export interface FollowParts {
  readonly readAll: (options: ReadAllOptions) => Promise<LogPage>;
  readonly news: News;
  /** Without news the log is read again after this time (ms): what covers a lost notification. */
  readonly pollEvery: number;
  readonly clock: Clock;
}

/**
 * Follows by reading again from where the last page ended, so there is no state that could be lost: a failed read is
 * told to `onFault` and repeated with growing pauses.
 */
export async function* followByReading(parts: FollowParts, options: FollowOptions): AsyncGenerator<LogPage, void> {
  const { readAll, news, pollEvery, clock } = parts;
  const { signal, filter, limit, onFault } = options;
  const reading = { ...(filter && { filter }), ...(limit !== undefined && { limit }) };
  let after = options.after;
  let failures = 0;
  let lastSign = -Infinity;
  while (!signal.aborted) {
    const seen = news.count;
    let page: LogPage | undefined;
    try {
      page = await untilAborted(readAll({ ...reading, after }), signal);
    } catch (fault) {
      onFault?.(fault);
      await clock.sleep(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures++), signal);
      continue;
    }
    // An aborted wait must not hand out a page: its reader has gone.
    if (!page || isAborted(signal)) return;
    failures = 0;
    if (page.events.length > 0 || page.position !== after || clock.now() - lastSign >= HEARTBEAT - pollEvery) {
      after = page.position;
      lastSign = clock.now();
      yield page;
    }
    if (page.atEnd) await news.wait(seen, pollEvery, signal);
  }
}

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
