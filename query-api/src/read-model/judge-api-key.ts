import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Pool } from '@rollbook/shared/sql/pool';
import { rethrow } from './database-faults.ts';

const JUDGE = `select k.revoked_at is not null as revoked from read_model.api_keys k where k.id = $1
  and not exists (select from read_model.parked_events e join read_model.projections p using (name, version)
    where e.name = 'api_keys' and p.state = 'live' and e.person = k.id)`;

/** Whether the read model of API keys knows that a key was revoked. Throws StoreUnavailable, also where it cannot tell. */
export const isKnownAsRevoked = async (pool: Pool, keyId: string): Promise<boolean> => {
  const { rows } = await pool.query<{ revoked: boolean }>(JUDGE, [keyId]).catch(rethrow);
  if (!rows[0]) throw new StoreUnavailable('The log is away, and the read model does not know');
  return rows[0].revoked;
};
