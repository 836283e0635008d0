import type { Clock } from '../../kernel/clock.ts';
import { inTime } from '../../kernel/in-time.ts';
import { NoAnswer } from './server-fault.ts';

/** What `work` gives, or NoAnswer after `ms`: nothing else bounds a read or a subscription of this client. */
export const within = <Value>(clock: Clock, ms: number, work: Promise<Value>): Promise<Value> =>
  inTime(clock, ms, work, () => {
    throw new NoAnswer(`No answer within ${String(ms)} ms`);
  });
