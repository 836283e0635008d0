import type { MinuteMarks } from '@rollbook/shared/event-log/minute-marks';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { MINUTE, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';

export interface MarkMinutesOptions {
  readonly store: Pick<EventStore, 'logId' | 'end'>;
  readonly marks: MinuteMarks;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** Between two tries after a fault, ms. */
const PAUSE = 5 * SECOND;

/** Notes where the log ends now. The end is read first, so that nothing written after the mark's time stands before it. */
export const markMinute = async ({ store, marks }: MarkMinutesOptions): Promise<void> => {
  const logId = await store.logId();
  const end = await store.end();
  if (end !== null) await marks.mark(logId, end);
};

/** Marks every minute, and at once at the start, until the signal. Several copies do no harm. Never rejects. */
export const markMinutes = (options: MarkMinutesOptions, signal: AbortSignal): Promise<void> =>
  repeat({ ...options, signal, pause: PAUSE }, async () => {
    await markMinute(options);
    return MINUTE;
  });
