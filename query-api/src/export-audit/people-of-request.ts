import type { Pool } from '@rollbook/shared/sql/pool';
import { auditConditions, type AuditFilters } from '../audit/audit-filters.ts';
import type { PeopleOf } from '../audit/record-people.ts';
import { rethrow } from '../read-model/database-faults.ts';

/** Most that are looked at, where a request id was given to very many requests: `AuditExported` names it all the same. */
const MOST = 200;

/** Who is in the events of a request; nobody where none is asked for. */
export const peopleOfRequest = async (
  { pool }: { readonly pool: Pool },
  filter: AuditFilters,
): Promise<readonly PeopleOf[]> => {
  if (filter.request_id === undefined) return [];
  const values: unknown[] = [];
  const text = `select distinct a.type, a.subject, a.actor_kind, a.actor_id from read_model.audit_index a
    where ${auditConditions(filter, values)} limit ${String(MOST)}`;
  return (await pool.query<PeopleOf>(text, values).catch(rethrow)).rows;
};
