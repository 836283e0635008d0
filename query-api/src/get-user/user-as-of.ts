import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { UserResource } from '@rollbook/shared/contracts/user';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { lastSignIn } from '@rollbook/shared/person/last-sign-in';
import { evolveUser, NOTHING_PERSONAL, type UserView } from '@rollbook/shared/person/user-resource';
import { isWithin, type Cut } from './cut.ts';

/**
 * A person as they were at the cut, or null when nobody was there: their events folded by the very function that the
 * projector folds them by. `own`: all events of their own stream. Of somebody who was erased since, nothing personal is
 * shown. Throws StoreUnavailable.
 */
export const userAsOf = async (
  log: Pick<EventLog, 'read'>,
  userId: string,
  own: readonly AnyEvent[],
  cut: Cut,
): Promise<UserResource | null> => {
  const before = own.filter((event) => isWithin(cut, event));
  // Of all sign-ins the resource shows only the last.
  const signIn = before.length === 0 ? null : await lastSignIn(log, userId, (event) => isWithin(cut, event));
  const events = [...before, ...(signIn ? [signIn] : [])].sort((a, b) => (a.position < b.position ? -1 : 1));
  const user = events.reduce<UserView | null>(evolveUser, null)?.user ?? null;
  const erased = own.some(({ type }) => type === 'PersonErased');
  return user && erased ? { ...user, ...NOTHING_PERSONAL } : user;
};
