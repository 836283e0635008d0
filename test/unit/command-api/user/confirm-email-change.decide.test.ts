import { describe, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Person } from '@rollbook/shared/person/person.state';
import type { LinkFacts } from '../../../../command-api/src/link/open-request.decide.ts';
import { refuseEmailChange } from '../../../../command-api/src/user/confirm-email-change/confirm-email-change.decide.ts';
import { given, idAt } from '../../../support/given.ts';
import { abandoned, EMAIL_CLAIM, expired, registered, registeredByStaff } from '../../../support/happenings.ts';

const requested: AnyNewEvent = {
  type: 'EmailChangeRequested',
  data: { emailDigest: 'new-digest', portal: null },
  personal: { email: 'new@example.com', formerEmail: 'Ada@example.com', username: 'ada_l' },
};
const changed = (requestId: string | null): AnyNewEvent => ({
  type: 'EmailChanged',
  data: { claimId: EMAIL_CLAIM, emailDigest: 'new-digest', requestId, portal: null, keptSessionId: null },
  personal: { email: 'new@example.com', formerEmail: 'Ada@example.com', username: 'ada_l' },
});
const deactivation: AnyNewEvent = { type: 'UserDeactivated', data: {}, personal: null };
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null };

const INVALID = { rejection: 'link_invalid' } as const;
const USED = { rejection: 'link_used' } as const;
const EXPIRED = { rejection: 'link_expired' } as const;
const asked = [registeredByStaff, requested];

describe('The link that confirms another address', () => {
  const open =
    (more: Partial<LinkFacts> = {}) =>
    (person: Person) =>
      refuseEmailChange(person, { requestId: idAt(1), emailDigest: 'new-digest', expired: false, ...more });

  test('changes the address that it was mailed to', () => {
    given(...asked)
      .when(open())
      .then(null);
    given(registered(), requested).when(open()).then(null);
  });

  test('works once, and for nobody who is erased', () => {
    given(...asked, changed(idAt(1)))
      .when(open())
      .then(USED);
    given(...asked, changed(idAt(1)))
      .when(open({ expired: true }))
      .then(USED);
    given(...asked, erased)
      .when(open())
      .then(USED);
    given(registered(), requested, ...expired)
      .when(open())
      .then(USED);
  });

  test('dies after a day', () => {
    given(...asked)
      .when(open({ expired: true }))
      .then(EXPIRED);
  });

  test('dies with a newer request and with any other change of the address', () => {
    given(...asked, requested)
      .when(open())
      .then(INVALID);
    given(...asked, requested)
      .when(open({ requestId: idAt(2) }))
      .then(null);
    given(...asked, changed(null))
      .when(open())
      .then(INVALID);
  });

  test('is bound to its address', () => {
    given(...asked)
      .when(open({ emailDigest: 'another' }))
      .then(INVALID);
  });

  test('is worth nothing for a deactivated account, for nobody, and without a request', () => {
    given(...asked, deactivation)
      .when(open())
      .then(INVALID);
    given().when(open()).then(INVALID);
    given(abandoned).when(open()).then(INVALID);
    given(registeredByStaff).when(open()).then(INVALID);
  });
});
