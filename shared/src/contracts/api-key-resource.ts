import { z } from 'zod';
import { Instant } from './instant.ts';
import { API_SCOPES } from './permissions.ts';

/** A key, for documents. */
export const API_KEY_EXAMPLE = {
  id: '2b8f6d1c-0c53-4f0e-8f4e-6f0b1f6c9a77',
  name: 'billing',
  scopes: ['users:read'],
  rate_limit_per_hour: 5_000,
  status: 'active',
  created_at: '2026-01-02T03:04:05.678Z',
  created_by: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
  expires_at: '2030-01-01T00:00:00.000Z',
  revoked_at: null,
  last_used_at: null,
} as const;

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;

/** An API key on the wire. The key itself is in one answer only: that of its creation. */
export const ApiKeyResource = z
  .strictObject({
    id: z.uuid(),
    /** null once the administrator who gave it was erased. */
    name: z.string().nullable(),
    scopes: z.array(z.enum(API_SCOPES)),
    /** null: as for everybody. */
    rate_limit_per_hour: z.int().nullable(),
    status: z.enum(API_KEY_STATUSES),
    created_at: Instant,
    /** The administrator's id. */
    created_by: z.uuid().nullable(),
    expires_at: Instant.nullable(),
    revoked_at: Instant.nullable(),
    /** At most about a minute behind; null: not used yet. */
    last_used_at: Instant.nullable(),
  })
  .meta({ id: 'ApiKey', example: API_KEY_EXAMPLE });
export type ApiKeyResource = z.output<typeof ApiKeyResource>;
