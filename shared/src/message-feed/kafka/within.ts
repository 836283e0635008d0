import type { Clock } from '../../kernel/clock.ts';

/** The broker did not answer in time. What was asked may have happened all the same. */
export class FeedTimeout extends Error {
  override readonly name = 'FeedTimeout';
}

/** A reason, since without one each end of a wait makes an error with a stack. */
const SETTLED = 'settled';

/** The outcome of `work`, or FeedTimeout after `ms` milliseconds: kafkajs has waits without an end. */
export const within = async <T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> => {
  const settled = new AbortController();
  const late = clock.sleep(ms, settled.signal).then(() => {
    // An error for each answer that was in time would be made for nobody.
    if (!settled.signal.aborted) throw new FeedTimeout(`Kafka did not answer within ${String(ms)} ms: ${what}`);
    return work;
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort(SETTLED);
  }
};
