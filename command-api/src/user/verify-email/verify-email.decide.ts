import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import { refuseRequestLink, type LinkFacts } from '../../link/open-request.decide.ts';

export type { LinkFacts } from '../../link/open-request.decide.ts';

/** Whether a link of a verification mail is still the person's current one; the reason if not. */
export const refuseLink = (person: Person, link: LinkFacts): Rejection | null =>
  refuseRequestLink(person, person.verification, link);

/** Opening the verification link proves the address; a pending account becomes active. */
export const decideVerifyEmail = (person: Person, link: LinkFacts): readonly AnyNewEvent[] | Rejection =>
  refuseLink(person, link) ?? [{ type: 'EmailVerified', data: { requestId: link.requestId }, personal: null }];
