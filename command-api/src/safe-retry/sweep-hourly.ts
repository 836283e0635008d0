import { HOUR, type Clock } from '@rollbook/shared/kernel/clock';
import type { StoredAnswers } from './stored-answers.ts';

/** Removes answers older than a day, now and every hour, until the signal. */
export const sweepHourly = async (
  answers: StoredAnswers,
  clock: Clock,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await answers.sweep().catch(onFault);
    await clock.sleep(HOUR, signal);
  }
};
