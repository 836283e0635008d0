import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { LinkRequest, Person } from '@rollbook/shared/person/person.state';

/** The link's claims that a decision looks at. */
export interface LinkFacts {
  readonly requestId: string;
  readonly emailDigest: string;
  readonly expired: boolean;
}

/** Whether a mail's link is still the one of the open request of its kind, to the address as it is now; why not. */
export const refuseRequestLink = (person: Person, request: LinkRequest | null, link: LinkFacts): Rejection | null => {
  if (person.existence === 'none' || person.existence === 'abandoned') return reject('link_invalid');
  if (person.usedRequests.includes(link.requestId) || person.existence === 'erased') return reject('link_used');
  if (link.expired) return reject('link_expired');
  if (request?.requestId !== link.requestId) return reject('link_invalid');
  const sameAddress = request.emailDigest === link.emailDigest && person.emailDigest === link.emailDigest;
  return sameAddress ? null : reject('link_invalid');
};
