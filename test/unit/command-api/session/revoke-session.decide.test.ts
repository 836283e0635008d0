import { describe, expect, test } from '@jest/globals';
import type { Role } from '@rollbook/shared/contracts/roles';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import { foldSession } from '@rollbook/shared/person/session.state';
import { refuseRevocation } from '../../../../command-api/src/session/revoke-session/revoke-session.decide.ts';
import { history, idAt, PERSON_ID, personWith } from '../../../support/given.ts';
import { expired, registered, registeredByStaff } from '../../../support/happenings.ts';

const sessionOf = (userId: string) =>
  foldSession(
    history(sessionStream(idAt(50)), [
      { type: 'SessionStarted', data: { userId, ver: 0, expiresAt: 1_900_000_000 }, personal: null },
    ]),
  );
const revoke = (role: Role, callerId: string, more: object = {}) =>
  refuseRevocation({
    caller: { userId: callerId, role },
    userId: PERSON_ID,
    person: personWith(registeredByStaff),
    session: sessionOf(PERSON_ID),
    ...more,
  });
const OTHER = idAt(99);

describe('Ending a session', () => {
  test('is for its owner, and for administrators', () => {
    expect(revoke('user', PERSON_ID)).toBeNull();
    expect(revoke('admin', OTHER)).toBeNull();
  });

  test('is forbidden to who may see the owner, and nothing to see for others', () => {
    for (const role of ['moderator', 'manager', 'auditor'] as const)
      expect(revoke(role, OTHER)).toStrictEqual({ rejection: 'forbidden' });
    expect(revoke('user', OTHER)).toStrictEqual({ rejection: 'hidden' });
  });

  test('needs a session of exactly this person', () => {
    expect(revoke('admin', OTHER, { session: null })).toStrictEqual({ rejection: 'not_found' });
    expect(revoke('user', PERSON_ID, { session: sessionOf(OTHER) })).toStrictEqual({ rejection: 'not_found' });
    const person = personWith(registered(), ...expired);
    expect(revoke('admin', OTHER, { person })).toStrictEqual({ rejection: 'not_found' });
  });
});
