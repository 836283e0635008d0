import { describe, test } from '@jest/globals';
import type { LinkFacts } from '../../../../command-api/src/link/open-request.decide.ts';
import { decideVerifyEmail } from '../../../../command-api/src/user/verify-email/verify-email.decide.ts';
import { refuseRejection } from '../../../../command-api/src/user/reject-registration/reject-registration.decide.ts';
import type { Person } from '@rollbook/shared/person/person.state';
import { given, idAt } from '../../../support/given.ts';
import {
  abandoned,
  expired,
  registered,
  registeredByStaff,
  verificationRequested,
  verified,
} from '../../../support/happenings.ts';

const link = (requestId: string, more: Partial<LinkFacts> = {}): LinkFacts => ({
  requestId,
  emailDigest: 'email-digest',
  expired: false,
  ...more,
});
const pending = [registered(), verificationRequested()];
const INVALID = { rejection: 'link_invalid' } as const;
const USED = { rejection: 'link_used' } as const;
const EXPIRED = { rejection: 'link_expired' } as const;

describe('The verification link', () => {
  const open = (facts: LinkFacts) => (person: Person) => decideVerifyEmail(person, facts);

  test('proves the address', () => {
    given(...pending)
      .when(open(link(idAt(1))))
      .then([verified(idAt(1))]);
    given(registeredByStaff, verificationRequested(false))
      .when(open(link(idAt(1))))
      .then([verified(idAt(1))]);
  });

  test('works once', () => {
    given(...pending, verified(idAt(1)))
      .when(open(link(idAt(1))))
      .then(USED);
    given(...pending, verified(idAt(1)))
      .when(open(link(idAt(1), { expired: true })))
      .then(USED);
  });

  test('dies after a day', () => {
    given(...pending)
      .when(open(link(idAt(1), { expired: true })))
      .then(EXPIRED);
  });

  test('dies when a newer one is sent', () => {
    given(...pending, verificationRequested())
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(...pending, verificationRequested())
      .when(open(link(idAt(2))))
      .then([verified(idAt(2))]);
    given(...pending, verificationRequested(), verified(idAt(2)))
      .when(open(link(idAt(1))))
      .then(INVALID);
  });

  test('is bound to the address it was mailed to', () => {
    given(...pending)
      .when(open(link(idAt(1), { emailDigest: 'another' })))
      .then(INVALID);
    given(registered({ emailDigest: 'another' }), verificationRequested())
      .when(open(link(idAt(1))))
      .then(INVALID);
  });

  test('is worth nothing for nobody, for an attempt that was given up, or without a request', () => {
    given()
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(abandoned)
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(registered())
      .when(open(link(idAt(1))))
      .then(INVALID);
  });

  test('comes too late when the registration is over', () => {
    given(...pending, ...expired)
      .when(open(link(idAt(1))))
      .then(USED);
  });
});

describe('The link "this was not me"', () => {
  const open = (facts: LinkFacts) => (person: Person) => refuseRejection(person, facts);

  test('works while the account is pending', () => {
    given(...pending)
      .when(open(link(idAt(1))))
      .then(null);
  });

  test('does nothing to an account that was verified, or that staff made', () => {
    given(...pending, verified(idAt(1)))
      .when(open(link(idAt(1))))
      .then(USED);
    given(registeredByStaff, verificationRequested(true))
      .when(open(link(idAt(1))))
      .then(INVALID);
  });

  test('works only where the mail carried it', () => {
    given(registered(), verificationRequested(false))
      .when(open(link(idAt(1))))
      .then(INVALID);
  });

  test('dies as the other link does: by time, a newer mail, another address, the end of the registration', () => {
    given(...pending)
      .when(open(link(idAt(1), { expired: true })))
      .then(EXPIRED);
    given(...pending, verificationRequested())
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(...pending)
      .when(open(link(idAt(1), { emailDigest: 'another' })))
      .then(INVALID);
    given(...pending, ...expired)
      .when(open(link(idAt(1))))
      .then(USED);
    given()
      .when(open(link(idAt(1))))
      .then(INVALID);
  });
});
