import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Person } from '@rollbook/shared/person/person.state';

/** What asking again for the verification mail sends: the row of the account's state, or nothing. */
export const decideResendVerification = (person: Person, portal: string | null): readonly AnyNewEvent[] => {
  const { email, username, emailDigest } = person;
  if (person.existence !== 'registered' || email === null || username === null || emailDigest === null) return [];
  const personal = { email, username };
  if (person.status === 'deactivated') return [];
  if (person.status === 'active' && person.passwordHash === null)
    return [{ type: 'InvitationRequested', data: { portal, emailDigest }, personal }];
  if (person.emailVerified) return [];
  const withRejection = person.status === 'pending';
  return [{ type: 'EmailVerificationRequested', data: { withRejection, portal, emailDigest }, personal }];
};
