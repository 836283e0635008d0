import { z } from 'zod';
import { fieldValue } from '@rollbook/shared/contracts/free-json';
import { ROLES } from '@rollbook/shared/contracts/roles';

/** In the place of a value that was sealed under a key that is destroyed. */
export const ERASED = '[erased]';

const Actor = z.strictObject({
  kind: z.enum(['person', 'service', 'system', 'anonymous']),
  /** null also for others in the own history. */
  id: z.string().nullable(),
  /** Of a person, at that time. */
  role: z.enum(ROLES).nullable(),
  /** Whether it was the person whose history this is. */
  is_self: z.boolean(),
});

/** A field of the person, `password` without values. */
const Change = z.strictObject({ field: z.string(), before: fieldValue(), after: fieldValue() });
export type Change = z.output<typeof Change>;

export const HistoryEntry = z.strictObject({
  id: z.uuid(),
  type: z.string(),
  at: z.string(),
  /** May be given as `as_of`. */
  position: z.string(),
  actor: Actor,
  request_id: z.string(),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  /** What else is to be said of an event of this type. */
  details: z.record(z.string(), z.union([z.string().nullable(), z.number()])),
  changes: z.array(Change),
});
export type HistoryEntry = z.output<typeof HistoryEntry>;

const PAGE = { page_size: 20, has_next: false, next_cursor: null };
const EXAMPLE = {
  id: '0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a',
  type: 'ProfileChanged',
  at: '2026-01-02T03:04:05.678Z',
  position: '00000000000000000042',
  actor: { kind: 'person', id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11', role: 'user', is_self: true },
  request_id: 'req_5f0c2b7e9d1a4c38',
  address: '203.0.113.7',
  user_agent: 'curl/8.5.0',
  details: {},
  changes: [{ field: 'phone', before: null, after: '+1-555-0123' }],
};

export const HistoryPage = z
  .strictObject({
    data: z.array(HistoryEntry),
    pagination: z.strictObject({ page_size: z.int(), has_next: z.boolean(), next_cursor: z.string().nullable() }),
  })
  .meta({ id: 'HistoryPage', example: { data: [EXAMPLE], pagination: PAGE } });
