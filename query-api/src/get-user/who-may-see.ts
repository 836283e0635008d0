import { isStaff, type Role, type Status } from '@rollbook/shared/contracts/roles';

/**
 * Whether a caller may see a person: themselves, and everybody for staff. That somebody was erased is for
 * administrators and auditors only.
 */
export const maySee = (
  caller: { readonly userId: string; readonly role: Role },
  person: { readonly id: string; readonly status: Status },
): boolean => {
  if (person.status === 'erased') return caller.role === 'admin' || caller.role === 'auditor';
  return caller.userId === person.id || isStaff(caller.role);
};
