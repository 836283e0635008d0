import { HOUR, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';

/** Removes what a working table keeps no longer, now and every hour, until the signal. Never rejects. */
export const sweepHourly = (
  table: { sweep(): Promise<unknown> },
  clock: Clock,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> =>
  repeat({ clock, onFault, signal }, async () => {
    await table.sweep();
    return HOUR;
  });
