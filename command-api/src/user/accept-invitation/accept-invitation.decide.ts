import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import { refuseRequestLink, type LinkFacts } from '../../link/open-request.decide.ts';

/** The first password of somebody who was invited. A deactivated account stays closed to its owner. */
export const decideAcceptInvitation = (
  person: Person,
  link: LinkFacts,
  passwordHash: string,
): readonly AnyNewEvent[] | Rejection => {
  const refused = refuseRequestLink(person, person.invitation, link);
  if (refused) return refused;
  if (person.status !== 'active' || person.passwordHash !== null) return reject('link_invalid');
  return [{ type: 'InvitationAccepted', data: { requestId: link.requestId }, personal: { passwordHash } }];
};
