import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';
import type { Session } from '@rollbook/shared/person/session.state';

export const REVOKE_SESSION = { who: 'person', may: 'manage_sessions', over: 'anybody', self: 'always' } as const;

export interface RevocationFacts {
  readonly caller: Asking;
  /** The owner whom the path names, and the session; null: there is none of this id. */
  readonly userId: string;
  readonly person: Person;
  readonly session: Session | null;
}

/** Why a session may not be ended by this caller: by the rule on its owner, then because it is not there. */
export const refuseRevocation = ({ caller, userId, person, session }: RevocationFacts): Rejection | null =>
  refusePerson(REVOKE_SESSION, caller, { ...targetOf(person), id: userId }) ??
  (session?.userId === userId ? null : reject('not_found'));
