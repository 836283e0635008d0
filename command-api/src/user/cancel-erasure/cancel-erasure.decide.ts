import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { isStaff, type Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';

/** By the person and by administrators: 404 where the caller may not see the person, 403 where they may. */
export const refuseCancel = (
  caller: { readonly userId: string; readonly role: Role },
  person: Person,
): Rejection | null => {
  if (person.existence !== 'registered') return reject('not_found');
  if (caller.userId === person.id || caller.role === 'admin') return null;
  return reject(isStaff(caller.role) ? 'forbidden' : 'not_found');
};

/** Takes an open request back, confirmed or not. 404 where there is none. */
export const decideCancelErasure = (person: Person): readonly AnyNewEvent[] | Rejection =>
  person.erasure === null ? reject('not_found') : [{ type: 'ErasureCancelled', data: {}, personal: null }];
