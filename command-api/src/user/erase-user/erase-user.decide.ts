import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { isStaff, type Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';

/** Whether this caller may erase this person: 404 where they may not see them, 403 where they may. */
export const refuseErasure = (
  caller: { readonly userId: string; readonly role: Role },
  person: Person,
): Rejection | null => {
  const visible = caller.userId === person.id || isStaff(caller.role);
  if (!visible || person.existence !== 'registered') return reject('not_found');
  return caller.role === 'admin' ? null : reject('forbidden');
};
