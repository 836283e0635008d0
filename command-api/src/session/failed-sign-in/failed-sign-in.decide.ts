import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { fromInstant, HOUR } from '@rollbook/shared/kernel/clock';

/** Most failed sign-ins of a person that are recorded one by one within any hour. */
export const MOST_RECORDED = 20;

/**
 * Whether one more failure is recorded as an event. `newestFirst`: the person's sign-in stream from its end back, at
 * least as far as the hour before `now` (ms since 1970) reaches. A clock that is behind the log's last event counts from
 * that event.
 */
export const mayRecord = (newestFirst: readonly AnyEvent[], now: number): boolean => {
  const last = newestFirst[0];
  const at = Math.max(now, last ? fromInstant(last.recordedAt) : now);
  const recent = newestFirst.filter(
    ({ type, recordedAt }) => type === 'SignInFailed' && fromInstant(recordedAt) > at - HOUR,
  );
  return recent.length < MOST_RECORDED;
};
