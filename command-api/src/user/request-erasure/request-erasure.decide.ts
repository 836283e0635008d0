import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { isStaff, type Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';

/** Only for oneself: 404 where the caller may not see the person, 403 where they may. */
export const refuseRequest = (
  caller: { readonly userId: string; readonly role: Role },
  person: Person,
): Rejection | null => {
  if (person.existence !== 'registered') return reject('not_found');
  if (caller.userId === person.id) return null;
  return reject(isStaff(caller.role) ? 'forbidden' : 'not_found');
};

/** A mail asks to confirm; the link of an older one is worth nothing from then on. A confirmed request stays as it is. */
export const decideRequestErasure = (person: Person, portal: string | null): readonly AnyNewEvent[] | Rejection => {
  const { email, username, emailDigest } = person;
  if (email === null || username === null || emailDigest === null) return reject('not_found');
  if (person.erasure?.confirmed === true) return [];
  return [{ type: 'ErasureRequested', data: { portal, emailDigest }, personal: { email, username } }];
};
