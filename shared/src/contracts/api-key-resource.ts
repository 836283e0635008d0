import { z } from 'zod';
import { API_SCOPES } from './permissions.ts';

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;

/** An API key on the wire. The key itself is in one answer only: that of its creation. */
export const ApiKeyResource = z.strictObject({
  id: z.uuid(),
  /** null once the administrator who gave it was erased. */
  name: z.string().nullable(),
  scopes: z.array(z.enum(API_SCOPES)),
  /** null: as for everybody. */
  rate_limit_per_hour: z.int().nullable(),
  status: z.enum(API_KEY_STATUSES),
  created_at: z.string(),
  /** The administrator's id. */
  created_by: z.uuid().nullable(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  /** At most about a minute behind; null: not used yet. */
  last_used_at: z.string().nullable(),
});
export type ApiKeyResource = z.output<typeof ApiKeyResource>;
