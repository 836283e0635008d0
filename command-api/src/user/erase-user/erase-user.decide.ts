import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import type { Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';

/** For good: only by permission, oneself too. */
export const ERASE_USER = { may: 'erase_users', over: 'anybody', self: 'as-others' } as const;

/** Whether this caller may erase this person. */
export const refuseErasure = (caller: Asking, person: Person): Rejection | null =>
  refusePerson(ERASE_USER, caller, targetOf(person));
