import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import { holds } from '@rollbook/shared/contracts/permissions';
import type { Role, Status } from '@rollbook/shared/contracts/roles';

export const READ_USER = {
  who: 'person',
  may: 'read_users',
  over: 'anybody',
  self: 'always',
  scope: 'users:read',
} as const;

/** Whether a caller may see a person. That somebody was erased only who reads erasures may know. */
export const maySee = (
  caller: Asking,
  person: { readonly id: string; readonly status: Status; readonly role: Role },
): boolean =>
  person.status === 'erased' ? holds(caller.role, 'read_erasures') : refusePerson(READ_USER, caller, person) === null;
