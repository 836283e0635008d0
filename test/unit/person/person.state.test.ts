import { describe, expect, test } from '@jest/globals';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import { canSignIn, foldPerson, NOBODY } from '@rollbook/shared/person/person.state';
import { endsSession } from '@rollbook/shared/person/session-endings';
import { foldSession } from '@rollbook/shared/person/session.state';
import { displayName, evolveUser, type UserView } from '@rollbook/shared/person/user-resource';
import { AT, history, idAt, PERSON_ID, personWith } from '../../support/given.ts';
import {
  abandoned,
  EMAIL_CLAIM,
  expired,
  forfeited,
  GRANT,
  invited,
  promoted,
  registered,
  registeredByStaff,
  USERNAME_CLAIM,
  verificationRequested,
  verified,
} from '../../support/happenings.ts';

describe('A person', () => {
  test('is nobody before anything happened', () => {
    expect(foldPerson([])).toStrictEqual(NOBODY);
  });

  test('who registered is pending and holds both names', () => {
    expect(personWith(registered())).toMatchObject({
      existence: 'registered',
      id: PERSON_ID,
      revision: 0,
      status: 'pending',
      role: 'user',
      email: 'Ada@example.com',
      emailVerified: false,
      usedClaims: { email: EMAIL_CLAIM, username: USERNAME_CLAIM },
      registeredAt: AT,
    });
  });

  test('whom staff made is active and unverified', () => {
    expect(personWith(registeredByStaff)).toMatchObject({ status: 'active', emailVerified: false });
  });

  test('has one open link: the newest', () => {
    const person = personWith(registered(), verificationRequested(), verificationRequested(false));
    expect(person.verification).toStrictEqual({
      requestId: idAt(2),
      emailDigest: 'email-digest',
      requestedAt: AT,
      withRejection: false,
    });
  });

  test('becomes active by verifying, and the link is used', () => {
    const person = personWith(registered(), verificationRequested(), verified(idAt(1)));
    expect(person).toMatchObject({
      status: 'active',
      emailVerified: true,
      verification: null,
      usedRequests: [idAt(1)],
      revision: 2,
    });
  });

  test('keeps nothing personal after erasure, and no name', () => {
    const person = personWith(registered(), verificationRequested(), ...expired);
    expect(person).toMatchObject({
      existence: 'erased',
      expired: true,
      email: null,
      username: null,
      passwordHash: null,
      verification: null,
      usedClaims: { email: null, username: null },
    });
    expect(JSON.stringify(person)).not.toMatch(/Ada|hash"|ada_l/);
  });

  test('who was fenced before the beginning does not exist', () => {
    expect(personWith(abandoned)).toMatchObject({ existence: 'abandoned', id: null });
  });

  test('moves on by a forfeited claim without changing', () => {
    const before = personWith(registered());
    const after = personWith(registered(), forfeited(USERNAME_CLAIM));
    expect(after.revision).toBe(1);
    expect(after.view?.user).toStrictEqual(before.view?.user);
    expect(after.forfeitedClaims).toStrictEqual([USERNAME_CLAIM]);
  });

  test('can sign in when active with a password', () => {
    expect(canSignIn(personWith(registeredByStaff))).toBe(true);
    expect(canSignIn(personWith(registered()))).toBe(false);
    expect(canSignIn(personWith(invited))).toBe(false);
    expect(canSignIn(personWith(registered(), ...expired))).toBe(false);
    expect(canSignIn(personWith(abandoned))).toBe(false);
  });
});

describe('A session', () => {
  test('started before a change of role ends with it, one started after it does not', () => {
    const person = personWith(registeredByStaff, promoted);
    expect(person).toMatchObject({ role: 'admin', grantId: GRANT });
    expect(endsSession(person, 's', 0)).toBe(true);
    expect(endsSession(person, 's', 1)).toBe(false);
  });

  test('is not ended by a verification or a fence', () => {
    const person = personWith(registered(), verificationRequested(), verified(idAt(1)), forfeited(EMAIL_CLAIM));
    expect(endsSession(person, 's', 0)).toBe(false);
  });

  test('ends with the person', () => {
    expect(endsSession(personWith(registered(), ...expired), 's', 1)).toBe(true);
  });

  test('is the fold of its stream: the token is the last event that made one', () => {
    const data = { userId: PERSON_ID };
    const events = history('session-s1', [
      { type: 'SessionStarted', data: { ...data, ver: 3, expiresAt: 99 }, personal: null },
      { type: 'SessionRefreshed', data: { ...data, generation: 1 }, personal: null },
      { type: 'SessionRefreshed', data: { ...data, generation: 2 }, personal: null },
      { type: 'SessionEnded', data: { ...data, reason: 'logout' }, personal: null },
    ]);
    expect(foldSession(events)).toMatchObject({
      id: 's1',
      userId: PERSON_ID,
      ver: 3,
      expiresAt: 99,
      generation: 2,
      tokenId: idAt(2),
      previousTokenId: idAt(1),
      ended: true,
    });
    expect(foldSession(events.slice(1))).toBeNull();
  });
});

describe('What everybody sees of a person', () => {
  test('counts sign-ins apart from changes', () => {
    const view = history(userStream(PERSON_ID), [registered()]).reduce<UserView | null>(evolveUser, null);
    const signIn = { type: 'SignedIn', data: { sessionId: idAt(9) }, personal: null } as const;
    const later = history(signinStream(PERSON_ID), [signIn, signIn]).reduce<UserView | null>(evolveUser, view);
    expect(later).toMatchObject({ revision: 0, signIns: 2 });
    expect(later?.user.last_login).toBe(AT);
    expect(later?.user.updated_at).toBe(view?.user.updated_at);
  });

  test('shows null for what has no value, and nothing of the password', () => {
    const { view } = personWith(registered());
    expect(view?.user).toStrictEqual({
      id: PERSON_ID,
      username: 'ada_l',
      email: 'Ada@example.com',
      email_verified: false,
      pending_email: null,
      name: 'Ada Lovelace',
      first_name: 'Ada',
      last_name: 'Lovelace',
      phone: null,
      role: 'user',
      status: 'pending',
      is_active: false,
      preferences: {},
      picture_url: null,
      created_at: AT,
      updated_at: AT,
      last_login: null,
    });
  });

  test('of an erased person is null wherever it was personal', () => {
    const { view } = personWith(registered(), ...expired);
    expect(view?.user).toMatchObject({
      status: 'erased',
      is_active: false,
      email: null,
      username: null,
      name: null,
      first_name: null,
      last_name: null,
      phone: null,
      preferences: null,
    });
  });

  test.each([
    ['Countess', 'Ada', 'Lovelace', 'ada_l', 'Countess'],
    [null, 'Ada', 'Lovelace', 'ada_l', 'Ada Lovelace'],
    [null, 'Ada', null, 'ada_l', 'Ada'],
    [null, null, 'Lovelace', 'ada_l', 'Lovelace'],
    [null, null, null, 'ada_l', 'ada_l'],
    [null, null, null, null, null],
  ])('calls %p, %p %p, %p by the name %p', (given, first, last, username, shown) => {
    expect(displayName(given, first, last, username)).toBe(shown);
  });
});
