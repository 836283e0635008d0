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

export const HistoryPage = z.strictObject({
  data: z.array(HistoryEntry),
  pagination: z.strictObject({ page_size: z.int(), has_next: z.boolean(), next_cursor: z.string().nullable() }),
});
