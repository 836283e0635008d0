import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import type { LinkFacts } from '../../link/open-request.decide.ts';

/** Why a link cannot change the address; null when it is the person's current one. */
export const refuseEmailChange = (person: Person, link: LinkFacts): Rejection | null => {
  if (person.existence === 'none' || person.existence === 'abandoned') return reject('link_invalid');
  if (person.usedRequests.includes(link.requestId) || person.existence === 'erased') return reject('link_used');
  if (link.expired) return reject('link_expired');
  const { emailChange } = person;
  if (emailChange?.requestId !== link.requestId || emailChange.emailDigest !== link.emailDigest)
    return reject('link_invalid');
  return person.status === 'deactivated' || emailChange.email === null ? reject('link_invalid') : null;
};
