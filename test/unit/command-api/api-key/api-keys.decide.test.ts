import { describe, expect, test } from '@jest/globals';
import { foldApiKey } from '@rollbook/shared/api-key/api-key.state';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { apiKeyStream } from '@rollbook/shared/contracts/streams';
import {
  decideCreateApiKey,
  refuseKeyManager,
  type WantedApiKey,
} from '../../../../command-api/src/api-key/create-api-key/create-api-key.decide.ts';
import { decideRevokeApiKey } from '../../../../command-api/src/api-key/revoke-api-key/revoke-api-key.decide.ts';
import { API_KEY_ID, apiKeyCreated, apiKeyRevoked } from '../../../support/api-keys.ts';
import { AT, history } from '../../../support/given.ts';

const NOW = Date.parse(AT);
const wanted: WantedApiKey = { name: 'billing', scopes: ['users:read'], rateLimitPerHour: null, expiresAt: null };
const given = (...happened: readonly AnyNewEvent[]) => foldApiKey(history(apiKeyStream(API_KEY_ID), happened));

describe('Looking after API keys', () => {
  test('is for administrators only', () => {
    const refused = ROLES.filter((role) => refuseKeyManager({ role }) !== null);
    expect(refused).toStrictEqual(['user', 'moderator', 'manager', 'auditor']);
    expect(refuseKeyManager({ role: 'manager' })).toStrictEqual({ rejection: 'forbidden' });
  });
});

describe('Making a key', () => {
  test('records what it opens, until when, and the digest it is known by', () => {
    const limited = { ...wanted, rateLimitPerHour: 5_000, expiresAt: '2026-01-02T03:04:05.679Z' };
    expect(decideCreateApiKey(limited, 'd1', NOW)).toStrictEqual([
      {
        type: 'ApiKeyCreated',
        data: {
          digest: 'd1',
          scopes: ['users:read'],
          rateLimitPerHour: 5_000,
          expiresAt: '2026-01-02T03:04:05.679Z',
        },
        personal: { name: 'billing' },
      },
    ]);
  });

  test('is refused when it would have expired already', () => {
    expect(decideCreateApiKey({ ...wanted, expiresAt: AT }, 'd1', NOW)).toStrictEqual({
      rejection: 'invalid_input',
      details: [{ field: 'expires_at', code: 'not_in_future', message: 'must be in the future' }],
    });
  });
});

describe('Revoking a key', () => {
  test('ends it, expired or not', () => {
    expect(decideRevokeApiKey(given(apiKeyCreated()))).toStrictEqual([apiKeyRevoked]);
    expect(decideRevokeApiKey(given(apiKeyCreated({ expiresAt: AT })))).toStrictEqual([apiKeyRevoked]);
  });

  test('that is revoked already changes nothing', () => {
    expect(decideRevokeApiKey(given(apiKeyCreated(), apiKeyRevoked))).toStrictEqual([]);
  });

  test('that never was is refused', () => {
    expect(decideRevokeApiKey(given())).toStrictEqual({ rejection: 'not_found' });
  });
});
