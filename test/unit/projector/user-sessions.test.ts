import { describe, expect, test } from '@jest/globals';
import type { AnyEvent, AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import {
  evolveSessions,
  NO_SESSIONS,
  type SessionsOf,
} from '../../../projector/src/user-sessions/user-sessions.projection.ts';
import { opened } from '../../support/people.ts';

const USER = '11111111-1111-4111-8111-111111111111';
const [ONE, TWO] = ['22222222-2222-4222-8222-222222222222', '33333333-3333-4333-8333-333333333333'];

const started = (id: string, ver: number, at = '2026-01-02T03:04:05.678Z'): AnyEvent => {
  const data = { userId: USER, ver, expiresAt: 1_770_000_000 };
  return { ...opened(sessionStream(id), 0, { type: 'SessionStarted', data, personal: null }, at) };
};
const changed = (revision: number, keptSessionId: string | null): AnyEvent => {
  const personal = { email: 'a@example.com', username: 'a', passwordHash: 'x' };
  return opened(userStream(USER), revision, { type: 'PasswordChanged', data: { keptSessionId }, personal });
};
const happened = (stream: string, revision: number, event: AnyNewEvent) => opened(stream, revision, event);
const after = (...events: readonly AnyEvent[]): SessionsOf => events.reduce(evolveSessions, NO_SESSIONS);
const ids = (...events: readonly AnyEvent[]) => after(...events).sessions.map(({ id }) => id);

describe('The list of sessions', () => {
  test('shows where and when a session began, and who used it last', () => {
    const origin = { address: '192.0.2.7', userAgent: 'Browser' };
    const refreshed = happened(sessionStream(ONE), 1, {
      type: 'SessionRefreshed',
      data: { userId: USER, generation: 1 },
      personal: null,
    });
    const later = { ...refreshed, recordedAt: '2026-01-03T00:00:00.000Z', origin } as AnyEvent;
    expect(after(started(ONE, 3), later).sessions).toStrictEqual([
      {
        id: ONE,
        user_id: USER,
        ver: 3,
        started_at: '2026-01-02T03:04:05.678Z',
        last_used_at: '2026-01-03T00:00:00.000Z',
        expires_at: '2026-02-02T02:40:00.000Z',
        address: '192.0.2.7',
        user_agent: 'Browser',
      },
    ]);
  });

  test('loses a session that ended, and one whose time was over at the next sign-in', () => {
    const data = { userId: USER, reason: 'logout' } as const;
    const ended = happened(sessionStream(ONE), 1, { type: 'SessionEnded', data, personal: null });
    expect(ids(started(ONE, 0), started(TWO, 0), ended)).toStrictEqual([TWO]);
    expect(ids(started(ONE, 0), started(TWO, 0, '2026-03-01T00:00:00.000Z'))).toStrictEqual([TWO]);
  });

  test('loses all older ones by a change of the password, but the one that it was done in', () => {
    expect(ids(started(ONE, 1), started(TWO, 1), changed(2, ONE))).toStrictEqual([ONE]);
    expect(ids(started(ONE, 1), started(TWO, 2), changed(2, null))).toStrictEqual([TWO]);
  });

  test('never shows a sign-in that was under way while sessions were ended', () => {
    expect(ids(changed(2, null), started(ONE, 1))).toStrictEqual([]);
    expect(ids(changed(2, null), started(ONE, 2))).toStrictEqual([ONE]);
  });

  test('loses everything with the person, and is left alone by what ends nothing', () => {
    const erased = happened(userStream(USER), 5, {
      type: 'PersonErased',
      data: { reason: 'requested' },
      personal: null,
    });
    expect(ids(started(ONE, 0), erased)).toStrictEqual([]);
    const verified = happened(userStream(USER), 1, { type: 'EmailVerified', data: { requestId: ONE }, personal: null });
    const before = after(started(ONE, 0));
    expect(evolveSessions(before, verified)).toBe(before);
  });
});
