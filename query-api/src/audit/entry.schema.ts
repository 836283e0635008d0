import { z } from 'zod';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { HistoryEntry } from '../user-history/history.schema.ts';

const AuditActor = z.strictObject({
  kind: z.enum(['person', 'service', 'system', 'anonymous']),
  id: z.string().nullable(),
  /** Of a person, at that time. */
  role: z.enum(ROLES).nullable(),
  /** As known now; `[erased]` after an erasure. */
  name: z.string().nullable(),
});

const { address, user_agent, details, changes } = HistoryEntry.shape;

/** One event of the log, for an auditor: who, what, when, where, why, and what it changed. */
export const AuditEntry = z.strictObject({
  id: z.uuid(),
  /** Place in the log and in the Merkle tree, from 0. */
  leaf: z.int(),
  position: z.string(),
  type: z.string(),
  recorded_at: z.string(),
  /** One sentence. */
  what: z.string(),
  stream: z.string(),
  revision: z.int(),
  actor: AuditActor,
  /** The person whom it is about. */
  subject: z.strictObject({ id: z.uuid(), name: z.string().nullable() }).nullable(),
  ...{ address, user_agent },
  request_id: z.string(),
  correlation_id: z.string(),
  /** The id of the event that led to this one. */
  causation_id: z.string().nullable(),
  command_id: z.string(),
  ...{ details, changes },
  /** False where only the index can be shown: the event's seal is broken, or a newer program wrote it. */
  is_readable: z.boolean(),
});
export type AuditEntry = z.output<typeof AuditEntry>;

/** An event that stands beside another. */
export const RelatedEvent = AuditEntry.pick({ id: true, leaf: true, type: true, recorded_at: true, what: true });
export type RelatedEvent = z.output<typeof RelatedEvent>;

export const AuditPage = z.strictObject({
  data: z.array(AuditEntry),
  pagination: z.strictObject({ page_size: z.int(), has_next: z.boolean(), next_cursor: z.string().nullable() }),
});

export const AuditEventAnswer = AuditEntry.extend({
  causation: z.strictObject({
    caused_by: RelatedEvent.nullable(),
    led_to: z.array(RelatedEvent),
    same_request: z.array(RelatedEvent),
  }),
});
