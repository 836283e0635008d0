import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import { refuseRequestLink, type LinkFacts } from '../../link/open-request.decide.ts';

/** The link proves the mailbox: a pending account becomes active. A deactivated one stays closed to its owner. */
export const decideResetPassword = (
  person: Person,
  link: LinkFacts,
  passwordHash: string,
): readonly AnyNewEvent[] | Rejection => {
  const refused = refuseRequestLink(person, person.reset, link);
  if (refused) return refused;
  const { email, username } = person;
  if (person.status === 'deactivated' || email === null || username === null) return reject('link_invalid');
  const personal = { email, username, passwordHash };
  return [{ type: 'PasswordReset', data: { requestId: link.requestId }, personal }];
};
