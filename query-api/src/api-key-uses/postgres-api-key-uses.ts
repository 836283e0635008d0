import { toInstant } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { ApiKeyUseTable } from './api-key-uses.ts';

// In one order everywhere, so that two copies that write at once do not wait for each other in a circle.
const WRITE = `
  insert into query.api_key_uses as known (key_id, last_used_at)
  select u.key_id, u.at from unnest($1::uuid[], $2::timestamptz[]) as u (key_id, at) order by u.key_id
  on conflict (key_id) do update set last_used_at = greatest(known.last_used_at, excluded.last_used_at)`;

/** The times in the table `query.api_key_uses`, which all copies write. */
export const postgresApiKeyUses = (pool: Pool): ApiKeyUseTable => ({
  async write(uses) {
    await pool.query(WRITE, [[...uses.keys()], [...uses.values()].map(toInstant)]);
  },
});
