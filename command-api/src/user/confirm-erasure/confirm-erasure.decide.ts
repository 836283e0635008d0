import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Rejection } from '@rollbook/shared/contracts/rejections';
import type { Person } from '@rollbook/shared/person/person.state';
import { refuseRequestLink, type LinkFacts } from '../../link/open-request.decide.ts';

/** Opening the link of the mail confirms the request; an administrator decides then. */
export const decideConfirmErasure = (person: Person, link: LinkFacts): readonly AnyNewEvent[] | Rejection =>
  refuseRequestLink(person, person.erasure, link) ?? [
    { type: 'ErasureConfirmed', data: { requestId: link.requestId }, personal: null },
  ];
