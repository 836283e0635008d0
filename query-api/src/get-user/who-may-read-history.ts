import { refusePerson } from '@rollbook/shared/contracts/access';
import { holds } from '@rollbook/shared/contracts/permissions';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';
import { isService, type Reader } from '../read-model/query-authority.ts';

export const READ_HISTORY = { may: 'read_history', over: 'anybody', self: 'always' } as const;

/**
 * Whether a caller may read what somebody was and did; null: they may. That somebody was erased only who reads
 * erasures may know, and an API key that reads the audit trail.
 */
export const refuseHistory = (reader: Reader, person: Person): Rejection | null => {
  if (isService(reader)) return reader.scopes.includes('audit:read') ? null : reject('forbidden');
  if (person.existence === 'erased' && holds(reader.role, 'read_erasures')) return null;
  return refusePerson(READ_HISTORY, reader, targetOf(person));
};
