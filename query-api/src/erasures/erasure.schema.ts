import { z } from 'zod';
import { Instant } from '@rollbook/shared/contracts/instant';
import type { JsonObject } from '@rollbook/shared/kernel/json';
import { instantOrNull } from '../read-model/json-instant.ts';

export const ERASURE_STATUSES = ['requested', 'confirmed', 'erased', 'cancelled'] as const;

/** Verifies by Ed25519 over the canonical JSON of all members but `signature` (`person/erasure-receipt.ts`). */
const Receipt = z.strictObject({
  id: z.uuid(),
  position: z.string(),
  erased_at: Instant,
  key_id: z.string(),
  backups_until: Instant,
  out_of_reach: z.array(z.string()).optional(),
  signed_by: z.string(),
  signature: z.string(),
});

/** An erasure, for documents. */
export const ERASURE_EXAMPLE = {
  id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
  status: 'erased',
  requested_at: '2026-01-02T03:04:05.678Z',
  confirmed_at: '2026-01-02T04:04:05.678Z',
  cancelled_at: null,
  erased_at: '2026-01-03T03:04:05.678Z',
  receipt: {
    id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
    position: '00000000000000000042',
    erased_at: '2026-01-03T03:04:05.678Z',
    key_id: '6d1f8d0e-4d0b-4f0e-9c1f-2b8f6d1c0c53',
    backups_until: '2026-02-02T03:04:05.678Z',
    signed_by: 'r1',
    signature: 'c2lnbmF0dXJl',
  },
} as const;

export const ErasureResource = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(ERASURE_STATUSES),
    requested_at: Instant.nullable(),
    confirmed_at: Instant.nullable(),
    cancelled_at: Instant.nullable(),
    erased_at: Instant.nullable(),
    receipt: Receipt.nullable(),
  })
  .meta({ id: 'Erasure', example: ERASURE_EXAMPLE });
export type ErasureResource = Omit<z.output<typeof ErasureResource>, 'receipt'> & {
  readonly receipt: JsonObject | null;
};

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
