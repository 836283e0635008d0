import { CLAIM_TYPES } from '@rollbook/shared/audit/claims';
import { z } from 'zod';
import { EVENTS } from '@rollbook/shared/contracts/events/all-events';
import { instantParameter } from '../read-model/instant-parameter.ts';
import { NO_CLAIM } from './index-row.ts';

const uuid = z.uuid().transform((id) => id.toLowerCase());

const SHOWN_TYPES = EVENTS.map(({ type }) => type).filter((type) => !(CLAIM_TYPES as readonly string[]).includes(type));

/** What the audit trail may be filtered by; all that are given must hold. */
export const AuditFilters = z.strictObject({
  /** A person's or a key's id; `system` and `anonymous` for those who have none. */
  actor: z.union([uuid, z.enum(['system', 'anonymous'])], { error: 'must be an id, system or anonymous' }).optional(),
  /** The person whom it is about. */
  subject: uuid.optional(),
  type: z.enum(SHOWN_TYPES).optional(),
  request_id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'must be as X-Request-Id is' })
    .optional(),
  /** Not included; RFC 3339. */
  after: instantParameter.optional(),
  /** Not included; RFC 3339. */
  before: instantParameter.optional(),
});
export type AuditFilters = z.output<typeof AuditFilters>;

export const AUDIT_FILTER_NAMES = Object.keys(AuditFilters.shape) as readonly (keyof AuditFilters)[];

/** Whoever acts by their id, or by their kind where they have none: as `audit_index_actor_time` has it. */
const ACTOR = 'coalesce(a.actor_id, a.actor_kind)';

/**
 * The time of a row `a`, as the index has it that is to be walked: the one of all times where nothing but a span is
 * asked, else an expression that stands in those of the filters alone. Without it the planner would walk through all
 * times where two filters are frequent, and never meet together.
 */
export const timeFor = ({ actor, subject, type, request_id: request }: AuditFilters) =>
  [actor, subject, type, request].every((filter) => filter === undefined)
    ? { column: 'a.recorded_at', value: (place: string) => `${place}::timestamptz` }
    : {
        column: "(a.recorded_at at time zone 'UTC')",
        value: (place: string) => `(${place}::timestamptz at time zone 'UTC')`,
      };

/** Conditions on a row `a` of the index; `values` takes what a caller sent, which never stands in a statement. */
export const auditConditions = (filters: AuditFilters, values: unknown[]): string => {
  const given = (text: (place: string) => string, value: unknown): readonly string[] =>
    value === undefined ? [] : [text(`$${String(values.push(value))}`)];
  const time = timeFor(filters);
  return [
    NO_CLAIM,
    ...given((place) => `${ACTOR} = ${place}`, filters.actor),
    ...given((place) => `a.subject = ${place}::uuid`, filters.subject),
    ...given((place) => `a.type = ${place}`, filters.type),
    ...given((place) => `a.request_id = ${place}`, filters.request_id),
    ...given((place) => `${time.column} > ${time.value(place)}`, filters.after),
    ...given((place) => `${time.column} < ${time.value(place)}`, filters.before),
  ].join(' and ');
};
