import { describe, expect, test } from '@jest/globals';
import { hashToCheck, refuseLogin } from '../../../../command-api/src/session/login/login.decide.ts';
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

const active = [registered(), verificationRequested(), verified(idAt(1))];
const right = (person: Parameters<typeof refuseLogin>[0]) => refuseLogin(person, true);
const wrong = (person: Parameters<typeof refuseLogin>[0]) => refuseLogin(person, false);

describe('A sign-in with the right password', () => {
  test('goes through for an active person, verified or not', () => {
    given(...active)
      .when(right)
      .then(null);
    given(registeredByStaff).when(right).then(null);
  });

  test('tells a pending person to verify first', () => {
    given(registered()).when(right).then({ rejection: 'email_not_verified' });
  });

  test('tells a deactivated person so', () => {
    const deactivated = { ...personWith(...active), status: 'deactivated' } as const;
    expect(refuseLogin(deactivated, true)).toStrictEqual({ rejection: 'account_deactivated' });
  });

  test('tells nothing of the erased, the abandoned and the unknown', () => {
    given(registered(), ...expired)
      .when(right)
      .then({ rejection: 'invalid_credentials' });
    given(abandoned).when(right).then({ rejection: 'invalid_credentials' });
    expect(refuseLogin(null, true)).toStrictEqual({ rejection: 'invalid_credentials' });
  });
});

describe('A sign-in with a wrong password', () => {
  test('is answered alike whoever is asked for', () => {
    for (const happened of [active, [registered()], [registered(), ...expired], [abandoned], [invited], []])
      given(...happened)
        .when(wrong)
        .then({ rejection: 'invalid_credentials' });
    expect(refuseLogin(null, false)).toStrictEqual({ rejection: 'invalid_credentials' });
  });
});

describe('The hash that a password is checked against', () => {
  test('is the person’s own', () => {
    given(registered()).when(hashToCheck).then('p1$hash');
  });

  test('is none, so a dummy, for the invited, the erased and the unknown', () => {
    given(invited).when(hashToCheck).then(null);
    given(registered(), ...expired)
      .when(hashToCheck)
      .then(null);
    expect(hashToCheck(null)).toBeNull();
  });
});
