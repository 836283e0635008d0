import { describe, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';
import { erasureEvent } from '../../../../command-api/src/admin-roster/removal.decide.ts';
import {
  decideCancelErasure,
  refuseCancel,
} from '../../../../command-api/src/user/cancel-erasure/cancel-erasure.decide.ts';
import { decideConfirmErasure } from '../../../../command-api/src/user/confirm-erasure/confirm-erasure.decide.ts';
import { refuseErasure } from '../../../../command-api/src/user/erase-user/erase-user.decide.ts';
import {
  decideRequestErasure,
  refuseRequest,
} from '../../../../command-api/src/user/request-erasure/request-erasure.decide.ts';
import { given, idAt, PERSON_ID } from '../../../support/given.ts';
import { abandoned, expired, registered, registeredByStaff } from '../../../support/happenings.ts';

const requested: AnyNewEvent = {
  type: 'ErasureRequested',
  data: { portal: null, emailDigest: 'email-digest' },
  personal: { email: 'Ada@example.com', username: 'ada_l' },
};
const confirmed: AnyNewEvent = { type: 'ErasureConfirmed', data: { requestId: idAt(1) }, personal: null };
const cancelled: AnyNewEvent = { type: 'ErasureCancelled', data: {}, personal: null };
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null };
const NOT_FOUND = { rejection: 'not_found' } as const;
const HIDDEN = { rejection: 'hidden' } as const;
const FORBIDDEN = { rejection: 'forbidden' } as const;
const self = (role: Role = 'user') => ({ userId: PERSON_ID, role });
const other = (role: Role) => ({ userId: idAt(99), role });

describe('Erasing somebody', () => {
  const by = (caller: { userId: string; role: Role }) => (person: Person) => refuseErasure(caller, person);

  test('is for administrators', () => {
    given(registeredByStaff)
      .when(by(other('admin')))
      .then(null);
    given(registered())
      .when(by(other('admin')))
      .then(null);
    for (const role of ['manager', 'moderator', 'auditor'] as const)
      given(registeredByStaff)
        .when(by(other(role)))
        .then(FORBIDDEN);
    given(registeredByStaff).when(by(self())).then(FORBIDDEN);
    given(registeredByStaff)
      .when(by(other('user')))
      .then(HIDDEN);
  });

  test('finds nobody where nobody is', () => {
    for (const happened of [[], [abandoned], [registered(), ...expired], [registeredByStaff, erased]])
      given(...happened)
        .when(by(other('admin')))
        .then(NOT_FOUND);
  });

  test('says whether the person had asked for it', () => {
    given(registeredByStaff).when(erasureEvent).then(erased);
    given(registeredByStaff, requested).when(erasureEvent).then(erased);
    given(registeredByStaff, requested, confirmed)
      .when(erasureEvent)
      .then({ type: 'PersonErased', data: { reason: 'requested' }, personal: null });
    given(registeredByStaff, requested, confirmed, cancelled).when(erasureEvent).then(erased);
  });
});

describe('Asking for the own erasure', () => {
  test('is for oneself', () => {
    const by = (caller: { userId: string; role: Role }) => (person: Person) => refuseRequest(caller, person);
    given(registeredByStaff).when(by(self())).then(null);
    given(registeredByStaff)
      .when(by(other('admin')))
      .then(FORBIDDEN);
    given(registeredByStaff)
      .when(by(other('user')))
      .then(HIDDEN);
    given(registeredByStaff, erased).when(by(self())).then(NOT_FOUND);
  });

  test('sends a mail, again when it was not confirmed', () => {
    const ask = (person: Person) => decideRequestErasure(person, null);
    given(registeredByStaff).when(ask).then([requested]);
    given(registeredByStaff, requested).when(ask).then([requested]);
    given(registeredByStaff, requested, cancelled).when(ask).then([requested]);
    given(registeredByStaff, requested, confirmed).when(ask).then([]);
    given(registeredByStaff, erased).when(ask).then(NOT_FOUND);
  });
});

describe('The link that confirms an erasure', () => {
  const open =
    (more: object = {}) =>
    (person: Person) =>
      decideConfirmErasure(person, { requestId: idAt(1), emailDigest: 'email-digest', expired: false, ...more });

  test('confirms the open request, once', () => {
    given(registeredByStaff, requested).when(open()).then([confirmed]);
    given(registeredByStaff, requested, confirmed).when(open()).then({ rejection: 'link_used' });
    given(registeredByStaff, requested, erased).when(open()).then({ rejection: 'link_used' });
  });

  test('is worth nothing when it is old, taken back, replaced, or of another address', () => {
    given(registeredByStaff, requested)
      .when(open({ expired: true }))
      .then({ rejection: 'link_expired' });
    const INVALID = { rejection: 'link_invalid' } as const;
    given(registeredByStaff, requested, cancelled).when(open()).then(INVALID);
    given(registeredByStaff, requested, requested).when(open()).then(INVALID);
    given(registeredByStaff, requested)
      .when(open({ emailDigest: 'other' }))
      .then(INVALID);
    given().when(open()).then(INVALID);
  });
});

describe('Taking the request back', () => {
  test('is for the person and for administrators', () => {
    const by = (caller: { userId: string; role: Role }) => (person: Person) => refuseCancel(caller, person);
    given(registeredByStaff, requested).when(by(self())).then(null);
    given(registeredByStaff, requested)
      .when(by(other('admin')))
      .then(null);
    given(registeredByStaff, requested)
      .when(by(other('manager')))
      .then(FORBIDDEN);
    given(registeredByStaff, requested)
      .when(by(other('user')))
      .then(HIDDEN);
    given(registeredByStaff, requested, erased)
      .when(by(other('admin')))
      .then(NOT_FOUND);
  });

  test('needs a request', () => {
    given(registeredByStaff, requested).when(decideCancelErasure).then([cancelled]);
    given(registeredByStaff, requested, confirmed).when(decideCancelErasure).then([cancelled]);
    given(registeredByStaff).when(decideCancelErasure).then(NOT_FOUND);
    given(registeredByStaff, requested, cancelled).when(decideCancelErasure).then(NOT_FOUND);
  });
});
