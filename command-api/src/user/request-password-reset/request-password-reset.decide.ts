import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Person } from '@rollbook/shared/person/person.state';

/** What "forgot password" sends: a reset, an invitation to who has no password yet, a notice, or nothing. */
export const decidePasswordResetRequest = (person: Person, portal: string | null): readonly AnyNewEvent[] => {
  const { email, username, emailDigest } = person;
  if (person.existence !== 'registered' || email === null || username === null || emailDigest === null) return [];
  const personal = { email, username };
  const invited = person.status === 'active' && person.passwordHash === null;
  if (invited) return [{ type: 'InvitationRequested', data: { portal, emailDigest }, personal }];
  const mail = person.status === 'deactivated' ? 'notice' : 'reset';
  return [{ type: 'PasswordResetRequested', data: { mail, portal, emailDigest }, personal }];
};
