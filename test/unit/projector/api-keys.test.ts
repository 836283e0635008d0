import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { apiKeyStream, userStream } from '@rollbook/shared/contracts/streams';
import { changesOf } from '../../../projector/src/api-keys/api-keys.projection.ts';
import { API_KEY_ID, apiKeyCreated, apiKeyRevoked } from '../../support/api-keys.ts';
import { AT, history, PERSON_ID } from '../../support/given.ts';
import { expired } from '../../support/happenings.ts';

const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'requested' }, personal: null };

describe('The list of API keys', () => {
  test('shows what a key opens and when it ended, and nothing that it could be guessed from', () => {
    const events = history(apiKeyStream(API_KEY_ID), [
      apiKeyCreated({ rateLimitPerHour: 9, expiresAt: AT }),
      apiKeyRevoked,
    ]);
    const row = {
      id: API_KEY_ID,
      name: 'billing',
      scopes: ['users:read'],
      rate_limit_per_hour: 9,
      created_at: AT,
      created_by: null,
      expires_at: AT,
      revoked_at: null,
    };
    expect(changesOf(events)).toStrictEqual({
      created: [row],
      revoked: [{ id: API_KEY_ID, at: AT }],
      erased: [],
    });
  });

  test('forgets the names that somebody gave once they are erased; an expired registration gave none', () => {
    expect(changesOf(history(userStream(PERSON_ID), [erased])).erased).toStrictEqual([PERSON_ID]);
    expect(changesOf(history(userStream(PERSON_ID), expired)).erased).toStrictEqual([]);
  });
});
