import { describe, expect, test } from '@jest/globals';
import { decideRefresh, type RefreshFacts } from '../../../../command-api/src/session/refresh/refresh.decide.ts';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import { fromInstant, SECOND } from '@rollbook/shared/kernel/clock';
import { foldSession } from '@rollbook/shared/person/session.state';
import { AT, COMMAND_ID, history, idAt, PERSON_ID, personWith } from '../../../support/given.ts';
import { expired, promoted, registered, registeredByStaff } from '../../../support/happenings.ts';

const NOW = fromInstant(AT);
const SESSION_ID = '77777777-7777-4777-8777-777777777777';
const ANOTHER = '88888888-8888-4888-8888-888888888888';
const started: AnyNewEvent = {
  type: 'SessionStarted',
  data: { userId: PERSON_ID, ver: 0, expiresAt: Math.floor(NOW / SECOND) + 3_600 },
  personal: null,
};
const refreshed = (generation: number): AnyNewEvent => ({
  type: 'SessionRefreshed',
  data: { userId: PERSON_ID, generation },
  personal: null,
});
const ended: AnyNewEvent = { type: 'SessionEnded', data: { userId: PERSON_ID, reason: 'logout' }, personal: null };

/** A session with these events, asked to refresh by the token of `generation` ten seconds of grace before it ends. */
const decide = (happened: readonly AnyNewEvent[], generation: number, more: Partial<RefreshFacts> = {}) =>
  decideRefresh({
    session: foldSession(history(sessionStream(SESSION_ID), happened)),
    person: personWith(registeredByStaff),
    tokenId: idAt(generation),
    generation,
    commandId: ANOTHER,
    justWrote: false,
    now: NOW,
    grace: 10 * SECOND,
    ...more,
  });

describe('A refresh token', () => {
  test('that is the current one makes the next', () => {
    expect(decide([started], 0)).toBe('rotate');
    expect(decide([started, refreshed(1)], 1)).toBe('rotate');
  });

  test('used a moment ago by somebody else is a conflict, and ends nothing', () => {
    expect(decide([started, refreshed(1)], 0)).toStrictEqual({ rejection: 'refresh_in_grace' });
    const justInside = { now: NOW + 10 * SECOND - 1 };
    expect(decide([started, refreshed(1)], 0, justInside)).toStrictEqual({ rejection: 'refresh_in_grace' });
  });

  test('used a moment ago by the same command gives the same answer', () => {
    expect(decide([started, refreshed(1)], 0, { commandId: COMMAND_ID })).toBe('answer');
  });

  test('used again after the grace is a replay, also by the same command', () => {
    const late = { now: NOW + 10 * SECOND };
    expect(decide([started, refreshed(1)], 0, late)).toBe('replayed');
    expect(decide([started, refreshed(1)], 0, { ...late, commandId: COMMAND_ID })).toBe('replayed');
  });

  test('that this very execution has just used is answered, however slow the log was', () => {
    const slow = { now: NOW + 3_600 * SECOND - SECOND, commandId: COMMAND_ID, justWrote: true };
    expect(decide([started, refreshed(1)], 0, slow)).toBe('answer');
  });

  test('has no grace where none is set', () => {
    expect(decide([started, refreshed(1)], 0, { grace: 0 })).toBe('replayed');
  });

  test('older than the one used last is a replay at once', () => {
    expect(decide([started, refreshed(1), refreshed(2)], 0)).toBe('replayed');
    expect(decide([started, refreshed(1), refreshed(2)], 0, { commandId: COMMAND_ID })).toBe('replayed');
  });

  test('whose generation does not fit its id is a replay', () => {
    expect(decide([started, refreshed(1)], 0, { generation: 1 })).toBe('replayed');
  });

  test('is worth nothing without its session, or with another person’s', () => {
    expect(decide([], 0)).toStrictEqual({ rejection: 'refresh_token_invalid' });
    expect(decide([started], 0, { person: { ...personWith(registeredByStaff), id: ANOTHER } })).toStrictEqual({
      rejection: 'refresh_token_invalid',
    });
  });

  test('ends with its session: signed out, or at the end of its life', () => {
    const over = { rejection: 'refresh_session_ended' };
    expect(decide([started, ended], 0)).toStrictEqual(over);
    const expiresAt = (Math.floor(NOW / SECOND) + 3_600) * SECOND;
    expect(decide([started], 0, { now: expiresAt - 1 })).toBe('rotate');
    expect(decide([started], 0, { now: expiresAt })).toStrictEqual(over);
  });

  test('ends when the person’s role changes, and with the person', () => {
    const over = { rejection: 'refresh_session_ended' };
    expect(decide([started], 0, { person: personWith(registeredByStaff, promoted) })).toStrictEqual(over);
    expect(decide([started], 0, { person: personWith(registered(), ...expired) })).toStrictEqual(over);
    expect(decide([started], 0, { person: personWith(registered()) })).toStrictEqual(over);
    const deactivated = { ...personWith(registeredByStaff), status: 'deactivated' } as const;
    expect(decide([started], 0, { person: deactivated })).toStrictEqual(over);
  });

  test('outlives a role change that came before the sign-in', () => {
    const later = { ...started, data: { ...started.data, ver: 1 } } as AnyNewEvent;
    expect(decide([later], 0, { person: personWith(registeredByStaff, promoted) })).toBe('rotate');
  });

  test('of a session that ended is refused as such, not as a replay', () => {
    expect(decide([started, refreshed(1), ended], 0)).toStrictEqual({ rejection: 'refresh_session_ended' });
  });
});
