import { DAY, HOUR, toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';

/** Milliseconds after the end of a day during which its key is kept. */
const KEPT = 30 * DAY;

/** The keys of the days (`personal-data/postgres-key-ring.ts`). */
export interface DayKeys {
  /** The days before `day` (YYYY-MM-DD) whose keys still exist, as subjects. */
  livingDaysBefore(day: string): Promise<readonly string[]>;
  destroy(subject: string, position: null): Promise<void>;
}

export interface DestroyDayKeysOptions {
  readonly keys: DayKeys;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** The first day (YYYY-MM-DD, UTC) whose key must still live at `now` (milliseconds since 1970). */
export const firstDayKept = (now: number): string => toInstant(now - KEPT).slice(0, 10);

/** Destroys the keys of all days that ended 30 days ago or earlier. Gives their subjects. */
export const destroyDayKeys = async ({ keys, clock }: DestroyDayKeysOptions): Promise<readonly string[]> => {
  const over = await keys.livingDaysBefore(firstDayKept(clock.now()));
  for (const subject of over) await keys.destroy(subject, null);
  return over;
};

/** Looks once an hour, and at once at the start, until the signal; after a fault again in a minute. Never rejects. */
export const destroyDayKeysHourly = (options: DestroyDayKeysOptions, signal: AbortSignal): Promise<void> =>
  repeat({ ...options, signal }, async () => {
    await destroyDayKeys(options);
    return HOUR;
  });
