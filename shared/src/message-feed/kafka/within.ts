import type { Clock } from '../../kernel/clock.ts';

/** The broker did not answer in time. What was asked may have happened all the same. */
export class FeedTimeout extends Error {
  override readonly name = 'FeedTimeout';
}

/** The outcome of `work`, or FeedTimeout after `ms` milliseconds: kafkajs has waits without an end. */
export const within = async <T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> => {
  const settled = new AbortController();
  const late = clock.sleep(ms, settled.signal).then((): never => {
    throw new FeedTimeout(`Kafka did not answer within ${String(ms)} ms: ${what}`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort();
  }
};
