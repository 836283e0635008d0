import { describe, expect, test } from '@jest/globals';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { MINUTE, SECOND } from '@rollbook/shared/kernel/clock';
import { EndingMemory } from '@rollbook/shared/person/ending-memory';
import { anEvent } from '../../support/log-events.ts';

const NOW = Date.UTC(2026, 0, 1);
const TTL = 15 * MINUTE;
const ANN = 'a0000000-0000-4000-8000-000000000001';
const SID = '50000000-0000-4000-8000-000000000001';
const OTHER = '50000000-0000-4000-8000-000000000002';

const happened = (stream: string, revision: number, type: string, data: object = {}): StoredEvent =>
  ({ ...anEvent(stream, revision), type, data, position: '1' }) as unknown as StoredEvent;
const ofAnn = (revision: number, type: string, data?: object): StoredEvent =>
  happened(`user-${ANN}`, revision, type, data);
const changed = (revision: number, keptSessionId: string | null): StoredEvent =>
  ofAnn(revision, 'PasswordChanged', { keptSessionId });
const token = (ver: number, sid = SID, iat = NOW / SECOND) => ({ sub: ANN, sid, ver, iat });

const given = (...events: readonly StoredEvent[]): EndingMemory => {
  const memory = new EndingMemory(TTL);
  memory.begin(-Infinity);
  for (const event of events) memory.note(event, NOW);
  return memory;
};

describe('What ended sessions of late', () => {
  test.each([
    'PasswordReset',
    'InvitationAccepted',
    'EmailChanged',
    'RoleChanged',
    'UserDeactivated',
    'PersonErased',
    'SignedOutEverywhere',
  ])('%s ends every session that began before it, and none that began after', (type) => {
    const memory = given(ofAnn(7, type));
    expect(memory.types).toContain(type);
    expect(memory.hasEnded(token(6))).toBe(true);
    expect(memory.hasEnded(token(7))).toBe(false);
    expect(memory.hasEnded({ ...token(6), sub: 'a0000000-0000-4000-8000-000000000009' })).toBe(false);
  });

  test('a change of the password spares the session that asked for it, a later one may not', () => {
    const memory = given(changed(7, SID));
    expect([memory.hasEnded(token(6)), memory.hasEnded(token(6, OTHER))]).toStrictEqual([false, true]);
    memory.note(changed(9, OTHER), NOW);
    expect([memory.hasEnded(token(6)), memory.hasEnded(token(6, OTHER))]).toStrictEqual([true, true]);
    expect(memory.hasEnded(token(8, OTHER))).toBe(false);
  });

  test('the end of a session ends that one alone', () => {
    const memory = given(happened(`session-${SID}`, 3, 'SessionEnded', { userId: ANN, reason: 'logout' }));
    expect([memory.hasEnded(token(6)), memory.hasEnded(token(6, OTHER))]).toStrictEqual([true, false]);
  });

  test('does not depend on the order in which it is heard of, nor on how often', () => {
    const events = [changed(7, SID), ofAnn(8, 'RoleChanged'), changed(9, OTHER)];
    for (const order of [events, [...events].reverse(), [...events, ...events]]) {
      const memory = given(...order);
      expect(memory.size).toBe(3);
      expect([5, 7, 8, 9].map((ver) => memory.hasEnded(token(ver, OTHER)))).toStrictEqual([true, true, false, false]);
    }
  });

  test('is forgotten once no token can be shown any more that it concerns', () => {
    const memory = given(ofAnn(7, 'RoleChanged'));
    const later = (ms: number): void =>
      memory.note(happened(`user-${OTHER}`, Math.floor(ms / MINUTE), 'RoleChanged'), NOW + ms);
    later(19 * MINUTE);
    expect([memory.size, memory.hasEnded(token(6))]).toStrictEqual([2, true]);
    later(20 * MINUTE);
    expect([memory.size, memory.hasEnded(token(6))]).toStrictEqual([2, false]);
    // The oldest token that may still be shown, by a clock half a minute behind.
    const oldest = (NOW + 20 * MINUTE - TTL - 30 * SECOND) / SECOND;
    expect(memory.covers(token(6, SID, oldest))).toBe(true);
    expect(memory.covers(token(6, SID, NOW / SECOND))).toBe(false);
  });

  test('never grows beyond its limit: then older tokens are no longer judged by it', () => {
    const memory = new EndingMemory(TTL, { most: 1_000 });
    memory.begin(-Infinity);
    for (let n = 0; n < 5_000; n += 1) memory.note(happened(`user-${String(n)}`, 1, 'RoleChanged'), NOW + n * SECOND);
    expect(memory.size).toBe(1_000);
    expect(memory.hasEnded({ ...token(0), sub: '3999' })).toBe(false);
    expect(memory.hasEnded({ ...token(0), sub: '4000' })).toBe(true);
    const forgotten = NOW + 3_999 * SECOND;
    expect(memory.covers(token(0, SID, (forgotten + 4 * MINUTE) / SECOND))).toBe(true);
    expect(memory.covers(token(0, SID, (forgotten + 4 * MINUTE) / SECOND - 1))).toBe(false);
  });

  test('judges no token before it was filled, and none older than what it was filled with', () => {
    const memory = new EndingMemory(TTL);
    expect(memory.covers(token(0))).toBe(false);
    memory.begin(NOW - 20 * MINUTE);
    expect(memory.covers(token(0, SID, (NOW - 16 * MINUTE) / SECOND))).toBe(true);
    expect(memory.covers(token(0, SID, (NOW - 16 * MINUTE) / SECOND - 1))).toBe(false);
    memory.note(ofAnn(7, 'RoleChanged'), NOW);
    memory.begin(NOW);
    expect([memory.size, memory.hasEnded(token(6))]).toStrictEqual([0, false]);
  });

  test('does not take in an event of a newer program, which may mean something else', () => {
    const newer = { ...changed(7, SID), schemaVersion: 99 };
    expect(() => given(newer)).toThrow(/version 99/);
  });
});
