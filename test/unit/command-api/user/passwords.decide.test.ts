import { describe, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';
import type { LinkFacts } from '../../../../command-api/src/link/open-request.decide.ts';
import { decideAcceptInvitation } from '../../../../command-api/src/user/accept-invitation/accept-invitation.decide.ts';
import { decideChangePassword } from '../../../../command-api/src/user/change-password/change-password.decide.ts';
import { decidePasswordResetRequest } from '../../../../command-api/src/user/request-password-reset/request-password-reset.decide.ts';
import { decideResendInvitation } from '../../../../command-api/src/user/resend-invitation/resend-invitation.decide.ts';
import { decideResetPassword } from '../../../../command-api/src/user/reset-password/reset-password.decide.ts';
import { given, idAt, PERSON_ID } from '../../../support/given.ts';
import {
  abandoned,
  expired,
  invitationAccepted,
  invitationRequested,
  invited,
  passwordChanged,
  passwordReset,
  registered,
  registeredByStaff,
  resetRequested,
  verificationRequested,
  verified,
} from '../../../support/happenings.ts';

const link = (requestId: string, more: Partial<LinkFacts> = {}): LinkFacts => ({
  requestId,
  emailDigest: 'email-digest',
  expired: false,
  ...more,
});
const deactivation: AnyNewEvent = { type: 'UserDeactivated', data: {}, personal: null };
const INVALID = { rejection: 'link_invalid' } as const;
const USED = { rejection: 'link_used' } as const;
const EXPIRED = { rejection: 'link_expired' } as const;

describe('"Forgot password"', () => {
  const ask = (person: Person) => decidePasswordResetRequest(person, null);
  const notice = { ...resetRequested, data: { ...resetRequested.data, mail: 'notice' as const } };

  test('sends a reset to a pending and to an active account', () => {
    given(registered()).when(ask).then([resetRequested]);
    given(registered(), verificationRequested(), verified(idAt(1)))
      .when(ask)
      .then([resetRequested]);
    given(registeredByStaff).when(ask).then([resetRequested]);
  });

  test('sends the invitation again to who has no password yet', () => {
    given(invited).when(ask).then([invitationRequested]);
  });

  test('sends a notice to a deactivated account, whether or not it ever had a password', () => {
    given(registeredByStaff, deactivation).when(ask).then([notice]);
    given(invited, deactivation).when(ask).then([notice]);
  });

  test('sends nothing where nobody is', () => {
    given().when(ask).then([]);
    given(abandoned).when(ask).then([]);
    given(registered(), ...expired)
      .when(ask)
      .then([]);
  });
});

describe('The reset link', () => {
  const open = (facts: LinkFacts) => (person: Person) => decideResetPassword(person, facts, 'p1$new');
  const asked = [registeredByStaff, resetRequested];

  test('sets the password, of a pending account too', () => {
    given(...asked)
      .when(open(link(idAt(1))))
      .then([passwordReset(idAt(1))]);
    given(registered(), resetRequested)
      .when(open(link(idAt(1))))
      .then([passwordReset(idAt(1))]);
  });

  test('works once, for an hour', () => {
    given(...asked, passwordReset(idAt(1)))
      .when(open(link(idAt(1))))
      .then(USED);
    given(...asked)
      .when(open(link(idAt(1), { expired: true })))
      .then(EXPIRED);
  });

  test('dies with a newer request, a change of the password, and the address', () => {
    given(...asked, resetRequested)
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(...asked, passwordChanged())
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(...asked)
      .when(open(link(idAt(1), { emailDigest: 'another' })))
      .then(INVALID);
  });

  test('is worth nothing for a deactivated account, for nobody, and without a request', () => {
    given(...asked, deactivation)
      .when(open(link(idAt(1))))
      .then(INVALID);
    given()
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(registeredByStaff)
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(registered(), resetRequested, ...expired)
      .when(open(link(idAt(1))))
      .then(USED);
  });
});

describe('The invitation link', () => {
  const open = (facts: LinkFacts) => (person: Person) => decideAcceptInvitation(person, facts, 'p1$new');
  const asked = [invited, invitationRequested];

  test('sets the first password', () => {
    given(...asked)
      .when(open(link(idAt(1))))
      .then([invitationAccepted(idAt(1))]);
  });

  test('works once, for a week', () => {
    given(...asked, invitationAccepted(idAt(1)))
      .when(open(link(idAt(1))))
      .then(USED);
    given(...asked)
      .when(open(link(idAt(1), { expired: true })))
      .then(EXPIRED);
  });

  test('dies with a newer invitation, and is worth nothing while the account is deactivated', () => {
    given(...asked, invitationRequested)
      .when(open(link(idAt(1))))
      .then(INVALID);
    given(...asked, deactivation)
      .when(open(link(idAt(1))))
      .then(INVALID);
  });

  test('never replaces a password', () => {
    given(registeredByStaff, invitationRequested)
      .when(open(link(idAt(1))))
      .then(INVALID);
  });
});

describe('Changing the own password', () => {
  const change = (person: Person) => decideChangePassword(person, { sessionId: PERSON_ID, passwordHash: 'p1$new' });

  test('keeps the session that it is done in', () => {
    given(registeredByStaff)
      .when(change)
      .then([passwordChanged(PERSON_ID)]);
  });

  test('is over with the erasure', () => {
    given(registered(), ...expired)
      .when(change)
      .then({ rejection: 'session_ended' });
  });
});

describe('Inviting again', () => {
  const invite =
    (role: Role, userId = idAt(99)) =>
    (person: Person) =>
      decideResendInvitation({ userId, role }, person, null);
  const invitedAs = (role: Role) => ({ ...invited, data: { ...invited.data, role } });

  test('is for managers and administrators, for the roles that they may change', () => {
    given(invited).when(invite('manager')).then([invitationRequested]);
    given(invitedAs('manager')).when(invite('admin')).then([invitationRequested]);
    given(invitedAs('manager')).when(invite('manager')).then({ rejection: 'forbidden' });
    given(invited).when(invite('moderator')).then({ rejection: 'forbidden' });
    given(invited).when(invite('auditor')).then({ rejection: 'forbidden' });
    given(invited).when(invite('user')).then({ rejection: 'hidden' });
    given(registeredByStaff).when(invite('user', PERSON_ID)).then({ rejection: 'forbidden' });
  });

  test('makes no sense for who has a password, is deactivated, pending or gone', () => {
    given(registeredByStaff).when(invite('admin')).then({ rejection: 'not_invited' });
    given(invited, deactivation).when(invite('admin')).then({ rejection: 'not_invited' });
    given(registered()).when(invite('admin')).then({ rejection: 'not_invited' });
    given(registered(), ...expired)
      .when(invite('admin'))
      .then({ rejection: 'not_found' });
    given().when(invite('admin')).then({ rejection: 'not_found' });
  });
});
