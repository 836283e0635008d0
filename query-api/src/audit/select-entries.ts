import type { JsonQuery } from '../read-model/read-model.ts';
import { auditConditions, timeFor, type AuditFilters } from './audit-filters.ts';
import { INDEX_ROW, NO_CLAIM, type IndexRow } from './index-row.ts';

const INDEX = 'read_model.audit_index a';

/** The last entry of a page: the next page begins behind it. An entry's place never changes, whatever is added. */
export interface AuditPoint {
  readonly recordedAt: string;
  readonly leaf: number;
}

export interface AuditRequest {
  readonly filters: AuditFilters;
  readonly pageSize: number;
  readonly point: AuditPoint | null;
}

/**
 * A page, the newest first, and one row more where there is one. By time and then by place in the log, since that is
 * one range of an index for every filter together with a span of time.
 */
export const selectEntries = ({ filters, pageSize, point }: AuditRequest): JsonQuery => {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${String(values.push(value))}`;
  const conditions = auditConditions(filters, values);
  const time = timeFor(filters);
  const behind = point
    ? ` and (${time.column}, a.leaf) < (${time.value(place(point.recordedAt))}, ${place(point.leaf)}::bigint)`
    : '';
  const text = `select coalesce(json_agg(${INDEX_ROW} order by a.recorded_at desc, a.leaf desc), '[]') from (
    select * from ${INDEX} where ${conditions}${behind}
    order by ${time.column} desc, a.leaf desc limit ${place(pageSize + 1)}::integer) a`;
  return { text, values };
};

/** Most events that are named beside one, of each kind. */
export const MOST_RELATED = 100;

/** One event, and what stands beside it. */
export interface FoundEntry {
  readonly row: IndexRow | null;
  readonly cause: IndexRow | null;
  readonly effects: readonly IndexRow[];
  readonly sameRequest: readonly IndexRow[];
}

/** An event by its id, with what caused it, what it caused, and what else its request did; claims are nowhere. */
export const selectEntry = (id: string): JsonQuery => {
  const some = (condition: string): string => `(select coalesce(json_agg(${INDEX_ROW} order by a.leaf), '[]') from (
    select a.* from ${INDEX} where ${NO_CLAIM} and ${condition} order by a.leaf desc limit ${String(MOST_RELATED)}) a)`;
  // The text of an id is compared, so that what no id can be read from is merely not found.
  const text = `select json_build_object('row', (select ${INDEX_ROW} from wanted a),
    'cause', (select ${INDEX_ROW} from ${INDEX} where ${NO_CLAIM}
      and a.event_id = (select case when w.causation_id ~ '^[0-9a-f-]{36}$' then w.causation_id::uuid end from wanted w)),
    'effects', ${some('a.causation_id = (select w.event_id::text from wanted w)')},
    'sameRequest', ${some('a.request_id = (select w.request_id from wanted w) and a.event_id <> $1::uuid')})
    from (select) one`;
  const wanted = `with wanted as materialized (select a.* from ${INDEX} where ${NO_CLAIM} and a.event_id = $1::uuid)`;
  return { text: `${wanted} ${text}`, values: [id] };
};
