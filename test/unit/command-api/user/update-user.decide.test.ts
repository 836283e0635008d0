import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';
import {
  decideUpdate,
  isEmpty,
  refuseUnseen,
  type UpdatePlan,
  type WantedUser,
} from '../../../../command-api/src/user/update-user/update-user.decide.ts';
import { given, idAt, PERSON_ID, personWith } from '../../../support/given.ts';
import { expired, promoted, registered, registeredByStaff } from '../../../support/happenings.ts';

const self = (role: Role = 'user') => ({ userId: PERSON_ID, role });
const other = (role: Role) => ({ userId: idAt(99), role });
const wants =
  (caller: { userId: string; role: Role }, wanted: WantedUser) =>
  (person: Person): unknown =>
    decideUpdate(caller, person, wanted);

const NOTHING: UpdatePlan = { profile: {}, username: null, email: null, role: null, active: null, removal: null };
const FORBIDDEN = { rejection: 'forbidden' };
const NOT_FOUND = { rejection: 'not_found' };
const HIDDEN = { rejection: 'hidden' };
const roleForbidden = (message: string) => ({
  ...FORBIDDEN,
  details: [{ field: 'role', code: 'forbidden', message }],
});

const of = (role: Role): AnyNewEvent => registered({ via: 'staff', role });
const deactivation: AnyNewEvent = { type: 'UserDeactivated', data: {}, personal: null };
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null };

describe('A change of the profile', () => {
  test('is for oneself, whatever the role', () => {
    for (const role of ROLES)
      given(of(role))
        .when(wants(self(role), { phone: '+1 555 0000', lastName: null }))
        .then({ ...NOTHING, profile: { phone: '+1 555 0000', lastName: null } });
  });

  test('of others is for who may change their role’s people', () => {
    given(registeredByStaff)
      .when(wants(other('manager'), { name: 'Countess' }))
      .then({ ...NOTHING, profile: { name: 'Countess' } });
    for (const role of ['user', 'moderator', 'auditor'] as const)
      expect(decideUpdate(other(role), personWith(registeredByStaff), { name: 'Countess' })).toHaveProperty(
        'rejection',
      );
    given(registeredByStaff)
      .when(wants(other('moderator'), { name: 'Countess' }))
      .then(FORBIDDEN);
    given(registeredByStaff)
      .when(wants(other('user'), { name: 'Countess' }))
      .then(HIDDEN);
    given(of('manager'))
      .when(wants(other('manager'), { name: 'Countess' }))
      .then(FORBIDDEN);
    given(of('manager'))
      .when(wants(other('admin'), { name: 'Countess' }))
      .then({ ...NOTHING, profile: { name: 'Countess' } });
  });

  test('to what is there already is no change, and needs no permission', () => {
    const plan = decideUpdate(other('auditor'), personWith(registeredByStaff), {
      firstName: 'Ada',
      username: 'ada_l',
      email: 'ADA@example.com',
      role: 'user',
      isActive: true,
      preferences: { merge: {} },
    });
    expect(plan).toStrictEqual(NOTHING);
    expect(isEmpty(NOTHING)).toBe(true);
  });

  test('of preferences merges, or replaces the whole', () => {
    const happened = registered({ via: 'staff' }, { preferences: { theme: 'dark', size: 1 } });
    given(happened)
      .when(wants(self(), { preferences: { merge: { size: null, colour: 'red' } } }))
      .then({ ...NOTHING, profile: { preferences: { theme: 'dark', colour: 'red' } } });
    given(happened)
      .when(wants(self(), { preferences: { whole: {} } }))
      .then({ ...NOTHING, profile: { preferences: {} } });
  });

  test('of preferences never makes more of them than 16 KiB as JSON, however small the patch', () => {
    const tooMuch = { field: 'preferences', code: 'too_large', message: 'must have at most 16 KiB as JSON' };
    const full = registered({ via: 'staff' }, { preferences: { a: 'x'.repeat(16_384 - '{"a":""}'.length) } });
    given(full)
      .when(wants(self(), { preferences: { merge: { b: 1 } } }))
      .then({ rejection: 'invalid_input', details: [tooMuch] });
    given(full)
      .when(wants(self(), { preferences: { merge: { a: 'y', b: 1 } } }))
      .then({ ...NOTHING, profile: { preferences: { a: 'y', b: 1 } } });
  });

  test('of somebody who is not there finds nobody', () => {
    given(registeredByStaff, erased)
      .when(wants(other('admin'), { name: 'Countess' }))
      .then(NOT_FOUND);
  });
});

describe('A change of the address', () => {
  const email = { address: 'new@example.com', canonical: 'new@example.com' };

  test('is confirmed by its owner, also when a manager asks for it; only an administrator sets it', () => {
    for (const caller of [self(), self('admin'), other('manager')])
      given(registeredByStaff)
        .when(wants(caller, { email: 'new@example.com' }))
        .then({ ...NOTHING, email: { how: 'request', ...email } });
    given(registeredByStaff)
      .when(wants(other('admin'), { email: 'new@example.com' }))
      .then({ ...NOTHING, email: { how: 'set', ...email } });
  });
});

describe('A change of the role', () => {
  test('is for administrators, and never for oneself', () => {
    given(registeredByStaff)
      .when(wants(other('admin'), { role: 'moderator' }))
      .then({ ...NOTHING, role: 'moderator' });
    for (const role of ['manager', 'moderator', 'auditor'] as const)
      given(registeredByStaff)
        .when(wants(other(role), { role: 'moderator' }))
        .then(roleForbidden('Only an administrator gives roles.'));
    given(registeredByStaff)
      .when(wants(other('user'), { role: 'moderator' }))
      .then(HIDDEN);
    for (const role of ['user', 'admin'] as const)
      given(of(role))
        .when(wants(self(role), { role: 'moderator' }))
        .then(roleForbidden('Nobody changes their own role.'));
  });

  test('from administrator, and the deactivation of one, takes the grant first', () => {
    const admin = [registeredByStaff, promoted];
    given(...admin)
      .when(wants(other('admin'), { role: 'user' }))
      .then({ ...NOTHING, role: 'user', removal: { kind: 'demotion', to: 'user' } });
    given(...admin)
      .when(wants(self('admin'), { isActive: false }))
      .then({ ...NOTHING, active: false, removal: { kind: 'deactivation', to: null } });
    given(...admin)
      .when(wants(other('admin'), { role: 'user', isActive: false }))
      .then({ ...NOTHING, role: 'user', active: false, removal: { kind: 'demotion', to: 'user' } });
    given(...admin, deactivation)
      .when(wants(other('admin'), { isActive: true }))
      .then({ ...NOTHING, active: true });
  });
});

describe('A deactivation by DELETE', () => {
  const deactivate: WantedUser = { isActive: false, evenIfEqual: true };

  test('of a registration that nobody has verified is refused: verification would undo it', () => {
    given(registered({ via: 'self' }))
      .when(wants(other('manager'), deactivate))
      .then({ rejection: 'registration_pending' });
    given(registered({ via: 'self' }))
      .when(wants(other('manager'), { isActive: false }))
      .then(NOTHING);
  });

  test('of somebody who is deactivated already makes no event', () => {
    for (const role of ['manager', 'admin'] as const)
      given(registeredByStaff, deactivation)
        .when(wants(other(role), deactivate))
        .then(NOTHING);
  });

  test('needs its permission also where there is nothing to do', () => {
    for (const role of ['moderator', 'auditor'] as const)
      given(registeredByStaff, deactivation)
        .when(wants(other(role), deactivate))
        .then(FORBIDDEN);
    given(of('admin'), deactivation)
      .when(wants(other('manager'), deactivate))
      .then(FORBIDDEN);
    given(registered({ via: 'self' }))
      .when(wants(other('moderator'), deactivate))
      .then(FORBIDDEN);
  });
});

describe('Somebody who may not be seen', () => {
  const look =
    (caller: { userId: string; role: Role }, wanted: WantedUser = { name: 'Countess' }) =>
    (person: Person) =>
      refuseUnseen(caller, person, { userId: PERSON_ID, wanted });

  test('is nobody to users, and somebody to staff and to themselves', () => {
    given(registeredByStaff)
      .when(look(other('user')))
      .then({ rejection: 'hidden' });
    given(registeredByStaff).when(look(self())).then(null);
    given(registeredByStaff)
      .when(look(other('auditor')))
      .then(null);
  });

  test('is nobody where nobody is, by one answer', () => {
    for (const happened of [[], [registered(), ...expired], [registeredByStaff, erased]]) {
      given(...happened)
        .when(look(other('admin')))
        .then({ rejection: 'not_found' });
      given(...happened)
        .when(look(other('moderator'), { role: 'admin' }))
        .then({ rejection: 'hidden' });
    }
  });
});
