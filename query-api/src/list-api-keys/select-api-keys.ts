import type { ApiKeyResource } from '@rollbook/shared/contracts/api-key-resource';
import { instantOf, instantOrNull } from '../read-model/json-instant.ts';
import type { JsonQuery } from '../read-model/read-model.ts';

/** One row more than the page holds, if there is one, and how many there are in all. */
export interface FoundApiKeys {
  readonly rows: readonly ApiKeyResource[];
  readonly total: number;
}

interface Wanted {
  readonly status: ApiKeyResource['status'] | null;
  /** RFC 3339. */
  readonly now: string;
  readonly page: number;
  readonly pageSize: number;
}

// Whatever the order of the facts: who looks for a leak wants to know that a key was revoked, expired or not.
const STATUS = `case when k.revoked_at is not null then 'revoked' when k.expires_at <= $1::timestamptz then 'expired'
  else 'active' end`;

const KEYS = `select k.*, ${STATUS} as status, u.last_used_at
  from read_model.api_keys k left join query.api_key_uses u on u.key_id = k.id`;

const JSON_OF = `jsonb_build_object('id', k.id, 'name', k.name, 'scopes', k.scopes,
  'rate_limit_per_hour', k.rate_limit_per_hour, 'status', k.status, 'created_at', k.created_at,
  'created_by', k.created_by, 'expires_at', k.expires_at, 'revoked_at', k.revoked_at, 'last_used_at', k.last_used_at)`;

/** The statement for a page, counted in the same snapshot. */
export const selectApiKeys = ({ status, now, page, pageSize }: Wanted): JsonQuery => {
  const text = `with k as (select * from (${KEYS}) k where $2::text is null or k.status = $2)
    select jsonb_build_object('total', (select count(*) from k), 'rows', coalesce((
      select jsonb_agg(${JSON_OF} order by k.created_at desc, k.id desc)
      from (select * from k order by created_at desc, id desc limit $3 offset $4) k), '[]'::jsonb))`;
  return { text, values: [now, status, pageSize + 1, (page - 1) * pageSize] };
};

export const toApiKey = (row: ApiKeyResource): ApiKeyResource => ({
  ...row,
  created_at: instantOf(row.created_at),
  expires_at: instantOrNull(row.expires_at),
  revoked_at: instantOrNull(row.revoked_at),
  last_used_at: instantOrNull(row.last_used_at),
});
