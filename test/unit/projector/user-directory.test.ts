import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import {
  evolveRow,
  toRow,
  toView,
  type UserRow,
} from '../../../projector/src/user-directory/user-directory.projection.ts';
import { opened, registration } from '../../support/people.ts';

const ID = '7d0b3f83-6b1d-4d6e-9b39-0d5b0f9d1c11';
const AT = ['2026-01-02T03:04:05.678Z', '2026-01-02T04:00:00.000Z', '2026-01-02T05:00:00.000Z'] as const;

/** given(what happened in the person's own stream).then(the row). */
const given = (...events: readonly AnyNewEvent[]) => {
  const row = events.reduce<UserRow | null>(
    (before, event, n) => evolveRow(before, opened(`user-${ID}`, n, event, AT[n])),
    null,
  );
  return {
    then: (expected: UserRow | null) => expect(row).toEqual(expected),
    signsIn: (at: string) =>
      evolveRow(row, opened(`signin-${ID}`, 0, { type: 'SignedIn', data: { sessionId: ID }, personal: null }, at)),
    row,
  };
};

const anna: UserRow = {
  id: ID,
  username: 'anna',
  email: 'anna@Example.com',
  email_canonical: 'anna@example.com',
  search: '\nanna\nfirst last\nanna@example.com',
  search_starts: ['a', 'an', 'f', 'fi'],
  email_verified: false,
  pending_email: null,
  name: 'First Last',
  given_name: null,
  first_name: 'First',
  last_name: 'Last',
  phone: '+1-555-0123',
  role: 'user',
  status: 'pending',
  preferences: { theme: 'dark' },
  picture_url: null,
  picture: null,
  created_at: AT[0],
  updated_at: AT[0],
  last_login: null,
  revision: 0,
  sign_ins: 0,
};
const verified: AnyNewEvent = { type: 'EmailVerified', data: { requestId: ID }, personal: null };
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'requested' }, personal: null };

describe('A row of the user directory', () => {
  test('begins with a registration', () => given(registration('anna')).then(anna));

  test('keeps a display name as it was given', () =>
    given(registration('anna', {}, { name: 'Anna of York' })).then({
      ...anna,
      name: 'Anna of York',
      given_name: 'Anna of York',
      search: '\nanna\nanna of york\nanna@example.com',
      search_starts: ['a', 'an'],
    }));

  test('becomes active with a verified address', () =>
    given(registration('anna'), verified).then({
      ...anna,
      email_verified: true,
      status: 'active',
      updated_at: AT[1],
      revision: 1,
    }));

  test('counts a sign-in without a change of its revision', () => {
    expect(given(registration('anna'), verified).signsIn(AT[2])).toEqual({
      ...anna,
      email_verified: true,
      status: 'active',
      updated_at: AT[1],
      revision: 1,
      last_login: AT[2],
      sign_ins: 1,
    });
  });

  test('loses everything personal with an erasure', () => {
    const { row } = given(registration('anna'), erased);
    const personal = [
      'username',
      'email',
      'email_canonical',
      'search',
      'search_starts',
      'name',
      'given_name',
      'first_name',
      'last_name',
      'phone',
    ];
    expect(row).toMatchObject({ status: 'erased', ...Object.fromEntries(personal.map((field) => [field, null])) });
    expect(row?.preferences).toBeNull();
  });

  test('does not come from a registration that was abandoned', () =>
    given({ type: 'RegistrationAbandoned', data: {}, personal: null }).then(null));

  test('is the same row when an event changes nothing in it', () => {
    const { row } = given(registration('anna'));
    const notice = {
      type: 'AddressInUseNoticed',
      data: { portal: null },
      personal: { email: 'anna@example.com', username: 'anna' },
    } as const;
    expect(evolveRow(row, opened(`signin-${ID}`, 0, notice))).toBe(row);
  });

  test('goes into a view and back without loss', () => expect(toRow(toView(anna))).toEqual(anna));
});
