import { z } from 'zod';
import { EVENTS } from '@rollbook/shared/contracts/events/all-events';
import { instantParameter } from '../read-model/instant-parameter.ts';
import { CLAIMS, NO_CLAIM } from './index-row.ts';

const uuid = z.uuid().transform((id) => id.toLowerCase());

const SHOWN_TYPES = EVENTS.map(({ type }) => type).filter((type) => !(CLAIMS as readonly string[]).includes(type));

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

/** Conditions on a row `a` of the index; `values` takes what a caller sent, which never stands in a statement. */
export const auditConditions = (filters: AuditFilters, values: unknown[]): string => {
  const given = (text: (place: string) => string, value: unknown): readonly string[] =>
    value === undefined ? [] : [text(`$${String(values.push(value))}`)];
  return [
    NO_CLAIM,
    ...given((place) => `${ACTOR} = ${place}`, filters.actor),
    ...given((place) => `a.subject = ${place}::uuid`, filters.subject),
    ...given((place) => `a.type = ${place}`, filters.type),
    ...given((place) => `a.request_id = ${place}`, filters.request_id),
    ...given((place) => `a.recorded_at > ${place}::timestamptz`, filters.after),
    ...given((place) => `a.recorded_at < ${place}::timestamptz`, filters.before),
  ].join(' and ');
};
