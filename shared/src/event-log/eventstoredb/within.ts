import type { Clock } from '../../kernel/clock.ts';
import { NoAnswer } from './server-fault.ts';

/** A reason, since without one each end of a wait makes an error with a stack. */
const IN_TIME = 'in time';

/** What `work` gives, or NoAnswer after `ms`: nothing else bounds a read or a subscription of this client. */
export const within = async <Value>(clock: Clock, ms: number, work: Promise<Value>): Promise<Value> => {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    // An error for each call that was in time would be made for nobody.
    if (!done.signal.aborted) throw new NoAnswer(`No answer within ${String(ms)} ms`);
    return work;
  });
  try {
    // The loser's rejection is handled by the race; it goes nowhere.
    return await Promise.race([work, late]);
  } finally {
    done.abort(IN_TIME);
  }
};
