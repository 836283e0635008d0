import type { EventStore } from '@rollbook/shared/event-log/port';
import { DAY, HOUR, fromInstant, toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import { daySubject, type KeyRing } from '@rollbook/shared/personal-data/key-ring';

/** Milliseconds after the end of a day during which its key is kept. */
const KEPT = 30 * DAY;

export interface DestroyDayKeysOptions {
  readonly store: EventStore;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** The days, from the one of `first` on, that ended more than 30 days before `now` (both in ms since 1970). */
export const daysOver = (first: number, now: number): readonly string[] => {
  const days: string[] = [];
  const start = Math.floor(first / DAY) * DAY;
  for (let day = start; day + DAY + KEPT <= now; day += DAY) days.push(daySubject(toInstant(day)));
  return days;
};

/** Destroys the keys of all days that are over since 30 days. Gives the subjects whose keys it destroyed. */
export const destroyDayKeys = async ({ store, keys, clock }: DestroyDayKeysOptions): Promise<readonly string[]> => {
  const { events } = await store.readAll({ after: null, limit: 1 });
  const [first] = events;
  if (!first) return [];
  const destroyed: string[] = [];
  const days = daysOver(fromInstant(first.recordedAt), clock.now());
  for (const [subject, key] of await keys.findMany(days))
    if (key !== 'missing' && key !== 'destroyed') {
      await keys.destroy(subject, null);
      destroyed.push(subject);
    }
  return destroyed;
};

/** Looks once an hour, and at once at the start, until the signal; after a fault again in a minute. Never rejects. */
export const destroyDayKeysHourly = async (options: DestroyDayKeysOptions, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const wait = await destroyDayKeys(options).then(
      () => HOUR,
      (fault: unknown) => {
        options.onFault(fault);
        return HOUR / 60;
      },
    );
    await options.clock.sleep(wait, signal);
  }
};
