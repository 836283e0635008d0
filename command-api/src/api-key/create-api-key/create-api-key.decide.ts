import { refuseCaller, type Asking } from '@rollbook/shared/contracts/access';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { ApiScope } from '@rollbook/shared/contracts/permissions';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { fromInstant } from '@rollbook/shared/kernel/clock';

export const MANAGE_API_KEYS = { who: 'permitted', may: 'manage_api_keys' } as const;

/** Whether this caller may make, list and revoke keys. */
export const refuseKeyManager = (caller: Pick<Asking, 'role'>): Rejection | null =>
  refuseCaller(MANAGE_API_KEYS, caller);

export interface WantedApiKey {
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly rateLimitPerHour: number | null;
  /** RFC 3339; null: never. */
  readonly expiresAt: string | null;
}

/** `digest`: of the key's text. `now`: ms since 1970. */
export const decideCreateApiKey = (
  { name, scopes, rateLimitPerHour, expiresAt }: WantedApiKey,
  digest: string,
  now: number,
): readonly AnyNewEvent[] | Rejection => {
  if (expiresAt !== null && fromInstant(expiresAt) <= now)
    return reject('invalid_input', {
      details: [{ field: 'expires_at', code: 'not_in_future', message: 'must be in the future' }],
    });
  const data = { digest, scopes: [...scopes], rateLimitPerHour, expiresAt };
  return [{ type: 'ApiKeyCreated', data, personal: { name } }];
};
