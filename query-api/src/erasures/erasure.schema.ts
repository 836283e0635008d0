import { z } from 'zod';
import { instantOrNull } from '../read-model/json-instant.ts';

export const ERASURE_STATUSES = ['requested', 'confirmed', 'erased', 'cancelled'] as const;

/** Verifies by Ed25519 over the canonical JSON of all members but `signature` (`person/erasure-receipt.ts`). */
const Receipt = z.strictObject({
  id: z.uuid(),
  position: z.string(),
  erased_at: z.string(),
  key_id: z.string(),
  backups_until: z.string(),
  out_of_reach: z.array(z.string()).exactOptional(),
  signed_by: z.string(),
  signature: z.string(),
});

export const ErasureResource = z.strictObject({
  id: z.uuid(),
  status: z.enum(ERASURE_STATUSES),
  requested_at: z.string().nullable(),
  confirmed_at: z.string().nullable(),
  cancelled_at: z.string().nullable(),
  erased_at: z.string().nullable(),
  receipt: Receipt.nullable(),
});
export type ErasureResource = z.output<typeof ErasureResource>;

/** One row of `read_model.erasures e` as JSON. */
export const ERASURE_JSON = `jsonb_build_object('id', e.id, 'status', e.status, 'requested_at', e.requested_at,
  'confirmed_at', e.confirmed_at, 'cancelled_at', e.cancelled_at, 'erased_at', e.erased_at, 'receipt', e.receipt)`;

export const toErasure = (row: ErasureResource): ErasureResource => ({
  ...row,
  requested_at: instantOrNull(row.requested_at),
  confirmed_at: instantOrNull(row.confirmed_at),
  cancelled_at: instantOrNull(row.cancelled_at),
  erased_at: instantOrNull(row.erased_at),
});
