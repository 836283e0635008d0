import { API_SCOPES, type ApiScope } from '@rollbook/shared/contracts/permissions';
import { toInstant } from '@rollbook/shared/kernel/clock';
import { z } from 'zod';
import * as field from '../../input/fields.ts';

const MOST_PER_HOUR = 1_000_000_000;
const rateError = `must be a whole number from 1 to ${String(MOST_PER_HOUR)}`;

/** Each scope once, in the order in which they are declared. */
const scopes = z
  .array(z.enum(API_SCOPES, { error: `must be one of ${API_SCOPES.join(', ')}` }))
  .min(1, { error: 'must name at least one scope' })
  .transform((named): readonly ApiScope[] => API_SCOPES.filter((scope) => named.includes(scope)));

const expiresAt = z.iso
  .datetime({ offset: true, error: 'must be a time as in RFC 3339, with its offset' })
  .transform((text) => toInstant(Date.parse(text)));

export const createApiKeyBody = z.strictObject({
  name: field.plainText(100),
  scopes,
  rate_limit_per_hour: z
    .int({ error: rateError })
    .min(1, { error: rateError })
    .max(MOST_PER_HOUR, { error: rateError })
    .nullish(),
  expires_at: expiresAt.nullish(),
});
