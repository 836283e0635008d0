import { describe, expect, test } from '@jest/globals';
import {
  decideRegistration,
  refuseRegistrar,
  type Registrar,
  type RegistrationFacts,
} from '../../../../command-api/src/user/register-user/register-user.decide.ts';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import {
  EMAIL_CLAIM,
  GRANT,
  promoted,
  registered,
  USERNAME_CLAIM,
  verificationRequested,
} from '../../../support/happenings.ts';

const staff = (role: Role): Registrar => ({ kind: 'staff', role });
const forbidden = (role: Role) => ({
  rejection: 'forbidden',
  details: [{ field: 'role', code: 'forbidden', message: `You may not create an account of the role ${role}.` }],
});

describe('Who may create an account', () => {
  test('anybody registers themselves, as a user only', () => {
    expect(refuseRegistrar({ kind: 'self' }, 'user')).toBeNull();
    for (const role of ROLES.filter((one) => one !== 'user'))
      expect(refuseRegistrar({ kind: 'self' }, role)).toStrictEqual(forbidden(role));
  });

  test('a manager creates users and nobody else', () => {
    expect(refuseRegistrar(staff('manager'), 'user')).toBeNull();
    for (const role of ROLES.filter((one) => one !== 'user'))
      expect(refuseRegistrar(staff('manager'), role)).toStrictEqual(forbidden(role));
  });

  test.each(ROLES)('an administrator, like the system, may create the role %s', (role) => {
    expect(refuseRegistrar(staff('admin'), role)).toBeNull();
    expect(refuseRegistrar({ kind: 'system' }, role)).toBeNull();
  });

  test.each(['user', 'moderator', 'auditor'] as const)('a signed-in %s creates nobody', (role) => {
    for (const wanted of ROLES) expect(refuseRegistrar(staff(role), wanted)).toStrictEqual({ rejection: 'forbidden' });
  });
});

describe('The events of a registration', () => {
  const personal = registered().personal;
  const facts = (more: Partial<RegistrationFacts> = {}): RegistrationFacts => ({
    registrar: { kind: 'self' },
    role: 'user',
    personal,
    emailClaimId: EMAIL_CLAIM,
    usernameClaimId: USERNAME_CLAIM,
    emailDigest: 'email-digest',
    usernameDigest: 'username-digest',
    portal: null,
    grantId: GRANT,
    ...more,
  });

  test('by themselves: registered, and a mail with both links', () => {
    expect(decideRegistration(facts())).toStrictEqual([registered(), verificationRequested(true)]);
  });

  test('by staff with a password: a mail without the second link', () => {
    expect(decideRegistration(facts({ registrar: staff('manager') }))).toStrictEqual([
      registered({ via: 'staff' }),
      verificationRequested(false),
    ]);
  });

  test('by staff without a password: an invitation', () => {
    const invitedPerson = { ...personal, passwordHash: null };
    expect(
      decideRegistration(facts({ registrar: staff('admin'), personal: invitedPerson, portal: 'shop' })),
    ).toStrictEqual([
      registered({ via: 'staff', hasPassword: false }, { passwordHash: null }),
      {
        type: 'InvitationRequested',
        data: { portal: 'shop', emailDigest: 'email-digest' },
        personal: { email: 'Ada@example.com', username: 'ada_l' },
      },
    ]);
  });

  test('of an administrator: a user first, then the grant', () => {
    expect(decideRegistration(facts({ registrar: staff('admin'), role: 'admin' }))).toStrictEqual([
      registered({ via: 'staff' }),
      promoted,
      verificationRequested(false),
    ]);
  });

  test('of any other role: at once, without a grant', () => {
    const [first, ...others] = decideRegistration(facts({ registrar: staff('admin'), role: 'auditor' }));
    expect(first).toStrictEqual(registered({ via: 'staff', role: 'auditor' }));
    expect(others).toStrictEqual([verificationRequested(false)]);
  });

  test('of the first administrator, by the system: no mail', () => {
    expect(decideRegistration(facts({ registrar: { kind: 'system' }, role: 'admin' }))).toStrictEqual([
      registered({ via: 'staff' }),
      promoted,
    ]);
  });
});
