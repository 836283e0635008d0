import { HOUR, type Clock } from '@rollbook/shared/kernel/clock';

/** Removes what a working table keeps no longer, now and every hour, until the signal. */
export const sweepHourly = async (
  table: { sweep(): Promise<unknown> },
  clock: Clock,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await table.sweep().catch(onFault);
    await clock.sleep(HOUR, signal);
  }
};
