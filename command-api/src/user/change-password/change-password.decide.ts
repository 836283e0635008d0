import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';

/** By the person themselves, whose current password was checked against exactly this state. Keeps their session. */
export const decideChangePassword = (
  { email, username }: Person,
  { sessionId, passwordHash }: { readonly sessionId: string; readonly passwordHash: string },
): readonly AnyNewEvent[] | Rejection => {
  // Whoever has no address is erased, and their token with them.
  if (email === null || username === null) return reject('session_ended');
  const personal = { email, username, passwordHash };
  return [{ type: 'PasswordChanged', data: { keptSessionId: sessionId }, personal }];
};
