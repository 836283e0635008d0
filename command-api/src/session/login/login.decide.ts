import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';

/** The hash that a sign-in is checked against, or null: nobody who could sign in, so a dummy is checked. */
export const hashToCheck = (person: Person | null): string | null =>
  person?.existence === 'registered' ? person.passwordHash : null;

/** Whether a sign-in goes through. States other than active are told only to who knows the password. */
export const refuseLogin = (person: Person | null, passwordMatches: boolean): Rejection | null => {
  if (!passwordMatches || person?.existence !== 'registered') return reject('invalid_credentials');
  if (person.status === 'pending') return reject('email_not_verified');
  if (person.status === 'deactivated') return reject('account_deactivated');
  return null;
};
