import { describe, expect, test } from '@jest/globals';
import { decideResendVerification } from '../../../../command-api/src/user/resend-verification/resend-verification.decide.ts';
import type { Person } from '@rollbook/shared/person/person.state';
import { given, idAt, personWith } from '../../../support/given.ts';
import {
  abandoned,
  expired,
  invited,
  registered,
  registeredByStaff,
  verificationRequested,
  verified,
} from '../../../support/happenings.ts';

const resend = (person: Person) => decideResendVerification(person, null);

describe('Asking again for the verification mail', () => {
  test('sends a pending person both links again', () => {
    given(registered(), verificationRequested())
      .when(resend)
      .then([verificationRequested(true)]);
  });

  test('sends an active, unverified person the verification link alone', () => {
    given(registeredByStaff)
      .when(resend)
      .then([verificationRequested(false)]);
  });

  test('sends an invited person the invitation', () => {
    given(invited)
      .when(resend)
      .then([
        {
          type: 'InvitationRequested',
          data: { portal: null, emailDigest: 'email-digest' },
          personal: { email: 'Ada@example.com', username: 'ada_l' },
        },
      ]);
  });

  test('keeps the portal that was asked for', () => {
    const [event] = decideResendVerification(personWith(registered()), 'shop');
    expect(event?.data).toStrictEqual({ withRejection: true, portal: 'shop', emailDigest: 'email-digest' });
  });

  test('sends nothing to the verified, the deactivated, the erased and the unknown', () => {
    given(registered(), verificationRequested(), verified(idAt(1)))
      .when(resend)
      .then([]);
    given(registered(), ...expired)
      .when(resend)
      .then([]);
    given(abandoned).when(resend).then([]);
    given().when(resend).then([]);
    const deactivated = { ...personWith(registeredByStaff), status: 'deactivated' } as const;
    expect(resend(deactivated)).toStrictEqual([]);
  });
});
