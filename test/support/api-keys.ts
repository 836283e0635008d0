import { apiKeyDigest, writeApiKey } from '@rollbook/shared/api-key/api-key-text';
import type { AnyNewEvent, EventType } from '@rollbook/shared/contracts/events/all-events';

type EventNamed<T extends EventType> = Extract<AnyNewEvent, { type: T }>;

export const API_KEY_ID = '99999999-9999-4999-8999-999999999999';
export const API_KEY = writeApiKey(API_KEY_ID, Buffer.alloc(32, 0xab));

/** The creation of `API_KEY`, which reads users for ever unless told otherwise. */
export const apiKeyCreated = (
  data: Partial<EventNamed<'ApiKeyCreated'>['data']> = {},
): EventNamed<'ApiKeyCreated'> => ({
  type: 'ApiKeyCreated',
  data: {
    digest: apiKeyDigest(API_KEY).toString('hex'),
    scopes: ['users:read'],
    rateLimitPerHour: null,
    expiresAt: null,
    ...data,
  },
  personal: { name: 'billing' },
});

export const apiKeyRevoked: EventNamed<'ApiKeyRevoked'> = { type: 'ApiKeyRevoked', data: {}, personal: null };
