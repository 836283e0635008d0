import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import type { LinkFacts } from '../../link/open-request.decide.ts';
import { refuseLink } from '../verify-email/verify-email.decide.ts';

/** Why a registration can't be rejected by this link; null when it can: only while the account is pending. */
export const refuseRejection = (person: Person, link: LinkFacts): Rejection | null => {
  const refused = refuseLink(person, link);
  if (refused) return refused;
  return person.status === 'pending' && person.verification?.withRejection === true ? null : reject('link_invalid');
};
