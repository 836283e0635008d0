import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { isStaff, type Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';
import type { Session } from '@rollbook/shared/person/session.state';

export interface RevocationFacts {
  readonly caller: { readonly userId: string; readonly role: Role };
  /** The owner whom the path names, and the session; null: there is none of this id. */
  readonly userId: string;
  readonly person: Person;
  readonly session: Session | null;
}

/** Why a session may not be ended by this caller: 404 where they may not see its owner, 403 where they may. */
export const refuseRevocation = ({ caller, userId, person, session }: RevocationFacts): Rejection | null => {
  const own = caller.userId === userId;
  if (person.existence !== 'registered' || (!own && !isStaff(caller.role))) return reject('not_found');
  if (!own && caller.role !== 'admin') return reject('forbidden');
  return session?.userId === userId ? null : reject('not_found');
};
