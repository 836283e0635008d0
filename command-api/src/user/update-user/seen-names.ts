import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import type { SeenName } from '../../claim/claims.handle.ts';
import type { UpdatePlan } from './update-user.decide.ts';

/** The names that a plan touches, as this round saw them. */
export interface SeenNames {
  readonly username: SeenName | null;
  readonly email: SeenName | null;
}

/** Why a plan's names are not to be had; null when they are. */
export const namesRefusal = (plan: UpdatePlan, { username, email }: SeenNames): Rejection | null => {
  if (email?.verdict === 'in-use' && !(plan.email?.how === 'request' && isPending(email))) return reject('email_taken');
  if (username?.verdict === 'in-use') return reject('username_taken');
  if (email?.verdict === 'in-progress') return reject('email_in_progress');
  if (username?.verdict === 'in-progress') return reject('username_in_progress');
  return null;
};

/** The name is theirs since this round read them: another command was faster. */
export const isTheirs = (name: SeenName | null, { id }: Person): boolean =>
  name?.verdict === 'in-use' && name.holder?.person.id === id;

/** Whoever proves the mailbox beats a registration that was never verified. */
const isPending = ({ holder }: SeenName): boolean => holder?.person.status === 'pending';
