import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';

/** The link's claims that the decision looks at. */
export interface LinkFacts {
  readonly requestId: string;
  readonly emailDigest: string;
  readonly expired: boolean;
}

/** Whether a link of a verification mail is still the person's current one; the reason if not. */
export const refuseLink = (person: Person, link: LinkFacts): Rejection | null => {
  if (person.existence === 'none' || person.existence === 'abandoned') return reject('link_invalid');
  if (person.usedRequests.includes(link.requestId) || person.existence === 'erased') return reject('link_used');
  if (link.expired) return reject('link_expired');
  if (person.verification?.requestId !== link.requestId) return reject('link_invalid');
  const sameAddress = person.verification.emailDigest === link.emailDigest && person.emailDigest === link.emailDigest;
  return sameAddress ? null : reject('link_invalid');
};

/** Opening the verification link proves the address; a pending account becomes active. */
export const decideVerifyEmail = (person: Person, link: LinkFacts): readonly AnyNewEvent[] | Rejection =>
  refuseLink(person, link) ?? [{ type: 'EmailVerified', data: { requestId: link.requestId }, personal: null }];
