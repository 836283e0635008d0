import type { ApiKey } from '@rollbook/shared/api-key/api-key.state';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';

/** Nothing to be done for a key that is revoked; an expired one may still be revoked, which then shows in the list. */
export const decideRevokeApiKey = (apiKey: ApiKey | null): readonly AnyNewEvent[] | Rejection => {
  if (apiKey === null) return reject('not_found');
  return apiKey.revokedAt === null ? [{ type: 'ApiKeyRevoked', data: {}, personal: null }] : [];
};
