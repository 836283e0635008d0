import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';

/** Nobody invites themselves. */
export const RESEND_INVITATION = { who: 'person', may: 'change_users', over: 'changeable', self: 'never' } as const;

/** Whether this caller may invite this person anew. */
export const refuseInviter = (caller: Asking, person: Person): Rejection | null =>
  refusePerson(RESEND_INVITATION, caller, targetOf(person));

/** A new invitation; the link of the older one is worth nothing from then on. */
export const decideResendInvitation = (
  caller: Asking,
  person: Person,
  portal: string | null,
): readonly AnyNewEvent[] | Rejection => {
  const refused = refuseInviter(caller, person);
  if (refused) return refused;
  const { email, username, emailDigest } = person;
  if (person.status !== 'active' || person.passwordHash !== null) return reject('not_invited');
  if (email === null || username === null || emailDigest === null) return reject('not_found');
  return [{ type: 'InvitationRequested', data: { portal, emailDigest }, personal: { email, username } }];
};
