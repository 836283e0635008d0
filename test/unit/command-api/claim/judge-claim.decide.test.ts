import { describe, test } from '@jest/globals';
import { judgeClaim, type Verdict } from '../../../../command-api/src/claim/judge-claim.decide.ts';
import type { ClaimKind } from '../../../../command-api/src/claim/claim.state.ts';
import { fromInstant, DAY, MINUTE } from '@rollbook/shared/kernel/clock';
import type { Person } from '@rollbook/shared/person/person.state';
import { AT, given, PERSON_ID } from '../../../support/given.ts';
import {
  abandoned,
  EMAIL_CLAIM,
  expired,
  forfeited,
  registered,
  registeredByStaff,
  USERNAME_CLAIM,
  verificationRequested,
  verified,
} from '../../../support/happenings.ts';

const NOW = fromInstant(AT);
const OTHER = '99999999-9999-4999-8999-999999999999';

interface Meeting {
  readonly kind?: ClaimKind;
  readonly own?: string;
  readonly now?: number;
}

/** The claim of a person, met by a stranger's attempt a minute before its time is over. */
const meet =
  (claimId: string, { kind = 'email', own = OTHER, now = NOW }: Meeting = {}) =>
  (holder: Person): Verdict =>
    judgeClaim({
      claim: { claimId, userId: PERSON_ID, expiresAt: new Date(NOW + MINUTE).toISOString() },
      kind,
      ownClaimId: own,
      holder,
      now,
      pendingTtl: 7 * DAY,
    });

describe('A claim of a name', () => {
  test('is in use while the last use of its kind in its holder’s stream names it', () => {
    given(registered()).when(meet(EMAIL_CLAIM)).then('in-use');
    given(registered())
      .when(meet(USERNAME_CLAIM, { kind: 'username' }))
      .then('in-use');
  });

  test('of the other kind does not count as used', () => {
    given(registered())
      .when(meet(EMAIL_CLAIM, { kind: 'username' }))
      .then('dead');
  });

  test('is in progress while it is unused and has time left', () => {
    given().when(meet(EMAIL_CLAIM)).then('in-progress');
    given(registered())
      .when(meet(OTHER, { own: PERSON_ID }))
      .then('in-progress');
  });

  test('is stale from the moment its time is over, and not before', () => {
    given()
      .when(meet(EMAIL_CLAIM, { now: NOW + MINUTE - 1 }))
      .then('in-progress');
    given()
      .when(meet(EMAIL_CLAIM, { now: NOW + MINUTE }))
      .then('stale');
  });

  test('is dead when its holder was abandoned, expired or erased', () => {
    given(abandoned).when(meet(EMAIL_CLAIM)).then('dead');
    given(registered(), ...expired)
      .when(meet(EMAIL_CLAIM))
      .then('dead');
  });

  test('is dead when it was forfeited, even by its own attempt', () => {
    given(registered(), forfeited(OTHER)).when(meet(OTHER)).then('dead');
  });

  test('is the attempt’s own while unused, also when its time is over', () => {
    given()
      .when(meet(EMAIL_CLAIM, { own: EMAIL_CLAIM, now: NOW + DAY }))
      .then('own');
  });

  test('that its own attempt has used already is in use like any other', () => {
    given(registered())
      .when(meet(EMAIL_CLAIM, { own: EMAIL_CLAIM }))
      .then('in-use');
  });
});

describe('The names of a registration that nobody verified', () => {
  test('are in use until its seven days are over', () => {
    given(registered())
      .when(meet(EMAIL_CLAIM, { now: NOW + 7 * DAY - 1 }))
      .then('in-use');
    given(registered())
      .when(meet(EMAIL_CLAIM, { now: NOW + 7 * DAY }))
      .then('overdue');
  });

  test('stay in use for ever once the address is verified', () => {
    given(registered(), verificationRequested(), verified(OTHER))
      .when(meet(EMAIL_CLAIM, { now: NOW + 3650 * DAY }))
      .then('in-use');
  });

  test('never become overdue when staff made the account', () => {
    given(registeredByStaff)
      .when(meet(EMAIL_CLAIM, { now: NOW + 3650 * DAY }))
      .then('in-use');
  });
});
