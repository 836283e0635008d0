import type { Clock } from '../../kernel/clock.ts';
import { inTime } from '../../kernel/in-time.ts';

/** The broker did not answer in time. What was asked may have happened all the same. */
export class FeedTimeout extends Error {
  override readonly name = 'FeedTimeout';
}

/** The outcome of `work`, or FeedTimeout after `ms` milliseconds: kafkajs has waits without an end. */
export const within = <T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> =>
  inTime(clock, ms, work, () => {
    throw new FeedTimeout(`Kafka did not answer within ${String(ms)} ms: ${what}`);
  });
