import type { ServiceCaller } from '@rollbook/shared/api-key/api-keys';
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

/** Whether a caller may see a person. That somebody was erased only who reads erasures may know, and no API key. */
export const maySee = (
  reader: Asking | ServiceCaller,
  person: { readonly id: string; readonly status: Status; readonly role: Role },
): boolean => {
  // A key that got here has the scope that is declared above.
  if ('kind' in reader) return person.status !== 'erased';
  if (person.status === 'erased') return holds(reader.role, 'read_erasures');
  return refusePerson(READ_USER, reader, person) === null;
};
