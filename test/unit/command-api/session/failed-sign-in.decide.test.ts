import { describe, expect, test } from '@jest/globals';
import { fromInstant, HOUR, SECOND, toInstant } from '@rollbook/shared/kernel/clock';
import { MOST_RECORDED, mayRecord } from '../../../../command-api/src/session/failed-sign-in/failed-sign-in.decide.ts';
import { AT, history, idAt, PERSON_ID } from '../../../support/given.ts';

const NOW = fromInstant(AT);
const failed = { type: 'SignInFailed', data: { where: 'sign-in' }, personal: null } as const;
const signedIn = { type: 'SignedIn', data: { sessionId: idAt(1) }, personal: null } as const;
const refused = { type: 'SignInsRefused', data: { from: AT, count: 9 }, personal: null } as const;
const stream = (...happened: Parameters<typeof history>[1]) => history(`signin-${PERSON_ID}`, happened).toReversed();
const failures = (count: number, ago: number) =>
  Array.from({ length: count }, () => ({ event: failed, at: toInstant(NOW - ago) }));

describe('A failed sign-in', () => {
  test('is recorded while the person has fewer than twenty within the hour', () => {
    expect(mayRecord([], NOW)).toBe(true);
    expect(mayRecord(stream(...failures(MOST_RECORDED - 1, HOUR - SECOND)), NOW)).toBe(true);
    expect(mayRecord(stream(...failures(MOST_RECORDED, HOUR - SECOND)), NOW)).toBe(false);
  });

  test('is recorded again when the oldest of the twenty is an hour old', () => {
    const happened = [...failures(1, HOUR), ...failures(MOST_RECORDED - 1, 0)];
    expect(mayRecord(stream(...happened), NOW)).toBe(true);
    expect(mayRecord(stream(...happened), NOW - SECOND)).toBe(true);
  });

  test('is not crowded out by what else stands in the stream', () => {
    const others = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? signedIn : refused));
    expect(mayRecord(stream(...others), NOW)).toBe(true);
  });

  test('counts from the last event where the clock is behind it', () => {
    const happened = failures(MOST_RECORDED, 0);
    expect(mayRecord(stream(...happened), NOW - 3 * HOUR)).toBe(false);
    expect(mayRecord(stream(...happened), NOW + HOUR)).toBe(true);
  });
});
