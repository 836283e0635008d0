import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';
import {
  decideRemovePicture,
  decideSetPicture,
  refusePictureChange,
} from '../../../../command-api/src/picture/change-picture.decide.ts';
import { given, idAt, personWith, PERSON_ID } from '../../../support/given.ts';
import { abandoned, expired, registered, registeredByStaff } from '../../../support/happenings.ts';

const FIRST = 'aaaaaaaa-0000-4000-8000-000000000001';
const SECOND = 'aaaaaaaa-0000-4000-8000-000000000002';
const type = 'image/webp';
const set = (pictureId: string, digest: string): AnyNewEvent => ({
  type: 'PictureSet',
  data: { pictureId, type },
  personal: { digest },
});
const removed = (pictureId: string): AnyNewEvent => ({ type: 'PictureRemoved', data: { pictureId }, personal: null });
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'requested' }, personal: null };
const reset: AnyNewEvent = {
  type: 'PasswordReset',
  data: { requestId: idAt(1) },
  personal: { email: 'Ada@example.com', username: 'ada_l', passwordHash: 'p1$x' },
};

describe('Setting a picture', () => {
  const setting = (id: string, digest: string) => (person: Person) => decideSetPicture(person, { id, type, digest });

  test('names what was stored', () => {
    given(registered())
      .when(setting(FIRST, 'red'))
      .then([set(FIRST, 'red')]);
    given(registered(), set(FIRST, 'red'))
      .when(setting(SECOND, 'blue'))
      .then([set(SECOND, 'blue')]);
  });

  test('changes nothing when it is the current one again', () => {
    given(registered(), set(FIRST, 'red')).when(setting(SECOND, 'red')).then([]);
  });

  test('brings back one that was replaced or removed', () => {
    given(registered(), set(FIRST, 'red'), removed(FIRST))
      .when(setting(SECOND, 'red'))
      .then([set(SECOND, 'red')]);
    given(registered(), set(FIRST, 'red'), set(SECOND, 'blue'))
      .when(setting(idAt(3), 'red'))
      .then([set(idAt(3), 'red')]);
  });
});

describe('Removing a picture', () => {
  test('names the current one', () => {
    given(registered(), set(FIRST, 'red'), set(SECOND, 'blue'))
      .when(decideRemovePicture)
      .then([removed(SECOND)]);
  });

  test('changes nothing where there is none', () => {
    given(registered()).when(decideRemovePicture).then([]);
    given(registered(), set(FIRST, 'red'), removed(FIRST)).when(decideRemovePicture).then([]);
  });
});

describe('A picture is changed', () => {
  const by = (caller: { userId: string; role: Role }) => (person: Person) => refusePictureChange(caller, person);
  const other = (role: Role) => ({ userId: idAt(99), role });
  const NOT_FOUND = { rejection: 'not_found' } as const;
  const HIDDEN = { rejection: 'hidden' } as const;
  const FORBIDDEN = { rejection: 'forbidden' } as const;

  test('by the person, and by who may change people of that role', () => {
    given(registeredByStaff)
      .when(by({ userId: PERSON_ID, role: 'user' }))
      .then(null);
    given(registeredByStaff)
      .when(by(other('manager')))
      .then(null);
    given(registered({ via: 'staff', role: 'admin' }))
      .when(by(other('admin')))
      .then(null);
  });

  test('by nobody else: 403 for who may see the person, 404 for who may not', () => {
    for (const role of ['moderator', 'auditor'] as const)
      given(registeredByStaff)
        .when(by(other(role)))
        .then(FORBIDDEN);
    given(registered({ via: 'staff', role: 'manager' }))
      .when(by(other('manager')))
      .then(FORBIDDEN);
    given(registeredByStaff)
      .when(by(other('user')))
      .then(HIDDEN);
  });

  test('of nobody who is not there (any more)', () => {
    for (const happened of [[], [abandoned], [registered(), ...expired], [registeredByStaff, erased]])
      given(...happened)
        .when(by(other('admin')))
        .then(NOT_FOUND);
  });
});

describe('A person', () => {
  const pictureOf = (...happened: readonly AnyNewEvent[]) => {
    const { view } = personWith(...happened);
    return { url: view?.user.picture_url, picture: view?.picture };
  };
  const none = { url: null, picture: null };

  test('shows the path of their picture while they have one', () => {
    const url = `/v1/users/${PERSON_ID}/picture`;
    expect(pictureOf(registered())).toEqual(none);
    expect(pictureOf(registered(), set(FIRST, 'red'))).toEqual({ url, picture: { id: FIRST, type, digest: 'red' } });
    expect(pictureOf(registered(), set(FIRST, 'red'), set(SECOND, 'blue')).picture?.id).toBe(SECOND);
    expect(pictureOf(registered(), set(FIRST, 'red'), removed(FIRST))).toEqual(none);
    expect(pictureOf(registeredByStaff, set(FIRST, 'red'), erased)).toEqual(none);
  });

  test('loses one that stood in a registration which they never verified, when they prove the mailbox', () => {
    expect(pictureOf(registered(), set(FIRST, 'red'), reset)).toEqual(none);
    expect(pictureOf(registeredByStaff, set(FIRST, 'red'), reset).picture?.id).toBe(FIRST);
  });
});
