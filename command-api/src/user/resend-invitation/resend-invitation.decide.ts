import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { isStaff, MAY_CHANGE, type Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';

export interface Inviter {
  readonly userId: string;
  readonly role: Role;
}

/** Whether this caller may invite this person again: 404 where they may not see them, 403 where they may. */
export const refuseInviter = (caller: Inviter, person: Person): Rejection | null => {
  if (person.existence !== 'registered') return reject('not_found');
  if (caller.userId === person.id) return reject('forbidden');
  if (!isStaff(caller.role)) return reject('not_found');
  return MAY_CHANGE[caller.role].includes(person.role) ? null : reject('forbidden');
};

/** A new invitation; the link of the older one is worth nothing from then on. */
export const decideResendInvitation = (
  caller: Inviter,
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
