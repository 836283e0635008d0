import { evolveApiKey, type ApiKey } from '@rollbook/shared/api-key/api-key.state';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { ApiScope } from '@rollbook/shared/contracts/permissions';
import { idInStream } from '@rollbook/shared/contracts/streams';

/** A row of `read_model.api_keys`. Times as RFC 3339 text. What a key is recognised by is not in it. */
export interface ApiKeyRow {
  readonly id: string;
  readonly name: string | null;
  readonly scopes: readonly ApiScope[];
  readonly rate_limit_per_hour: number | null;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** What the tables are told of a page. */
export interface ApiKeyChanges {
  readonly created: readonly ApiKeyRow[];
  readonly revoked: readonly { readonly id: string; readonly at: string }[];
  /** People who were erased: no key keeps a name that they gave it. */
  readonly erased: readonly string[];
}

/** The types that this read model is made of. */
export const API_KEY_TYPES: ReadonlySet<string> = new Set(['ApiKeyCreated', 'ApiKeyRevoked', 'PersonErased']);

const rowOf = (key: ApiKey): ApiKeyRow => ({
  id: key.id,
  name: key.name,
  scopes: key.scopes,
  rate_limit_per_hour: key.rateLimitPerHour,
  created_at: key.createdAt,
  created_by: key.createdBy,
  expires_at: key.expiresAt,
  revoked_at: key.revokedAt,
});

/** What the events of a page change, in an order that does not matter: each fact is for good. */
export const changesOf = (events: readonly AnyEvent[]): ApiKeyChanges => ({
  created: events.flatMap((event) => {
    const key = event.type === 'ApiKeyCreated' ? evolveApiKey(null, event) : null;
    return key ? [rowOf(key)] : [];
  }),
  revoked: events.flatMap(({ type, stream, recordedAt }) =>
    type === 'ApiKeyRevoked' ? [{ id: idInStream(stream), at: recordedAt }] : [],
  ),
  // A registration that expired was nobody's who could have made a key.
  erased: events.flatMap((event) =>
    event.type === 'PersonErased' && event.data.reason !== 'registration-expired' ? [idInStream(event.stream)] : [],
  ),
});
