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
  /** False where only the index can be shown: the event's seal is broken, it was altered, or a newer program wrote it. */
  is_readable: z.boolean(),
  /**
   * `altered`: the log does not hold this event as it was indexed, or its stream up to it not as it was written. Nothing of
   * its content is shown then; an export says more.
   */
  integrity: z.enum(['intact', 'altered']),
});
export type AuditEntry = z.output<typeof AuditEntry>;

/** An event that stands beside another. */
export const RelatedEvent = AuditEntry.pick({ id: true, leaf: true, type: true, recorded_at: true, what: true });
export type RelatedEvent = z.output<typeof RelatedEvent>;

const EXAMPLE = {
  id: '0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a',
  leaf: 41,
  position: '00000000000000000042',
  type: 'RoleChanged',
  recorded_at: '2026-01-02T03:04:05.678Z',
  what: 'The role of a person was changed.',
  stream: 'user-7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
  revision: 3,
  actor: { kind: 'person', id: '2b8f6d1c-0c53-4f0e-8f4e-6f0b1f6c9a77', role: 'admin', name: 'Grace Hopper' },
  subject: { id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11', name: 'Ada Lovelace' },
  address: '203.0.113.7',
  user_agent: 'curl/8.5.0',
  request_id: 'req_5f0c2b7e9d1a4c38',
  correlation_id: 'req_5f0c2b7e9d1a4c38',
  causation_id: null,
  command_id: '5b159cb9-9646-48e3-9816-d30777e8c560',
  details: {},
  changes: [{ field: 'role', before: 'user', after: 'manager' }],
  is_readable: true,
  integrity: 'intact' as const,
};
const PAGE = { page_size: 20, has_next: false, next_cursor: null };

export const AuditPage = z
  .strictObject({
    data: z.array(AuditEntry),
    pagination: z.strictObject({ page_size: z.int(), has_next: z.boolean(), next_cursor: z.string().nullable() }),
  })
  .meta({ id: 'AuditPage', example: { data: [EXAMPLE], pagination: PAGE } });

export const AuditEventAnswer = AuditEntry.extend({
  causation: z.strictObject({
    caused_by: RelatedEvent.nullable(),
    led_to: z.array(RelatedEvent),
    same_request: z.array(RelatedEvent),
  }),
}).meta({
  id: 'AuditEvent',
  example: { ...EXAMPLE, causation: { caused_by: null, led_to: [], same_request: [] } },
});
