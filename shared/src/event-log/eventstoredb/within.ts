import type { Clock } from '../../kernel/clock.ts';
import { NoAnswer } from './server-fault.ts';

/** What `work` gives, or NoAnswer after `ms`: nothing else bounds a read or a subscription of this client. */
export const within = async <Value>(clock: Clock, ms: number, work: Promise<Value>): Promise<Value> => {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    throw new NoAnswer(`No answer within ${String(ms)} ms`);
  });
  try {
    // The loser's rejection is handled by the race; it goes nowhere.
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
};
