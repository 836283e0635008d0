import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { idInStream } from '@rollbook/shared/contracts/streams';
import type { ErasureReceipt } from '@rollbook/shared/person/erasure-receipt';

/** A row of `read_model.erasures`. Times as RFC 3339 text. Holds nothing personal. */
export interface ErasureRow {
  readonly id: string;
  readonly status: 'requested' | 'confirmed' | 'erased' | 'cancelled';
  readonly requested_at: string | null;
  readonly confirmed_at: string | null;
  readonly cancelled_at: string | null;
  readonly erased_at: string | null;
  /** Of the last of these events. */
  readonly changed_at: string;
  readonly receipt: (ErasureReceipt & { readonly signature: string }) | null;
}

/** The types that an erasure's row is made of. */
export const ERASURE_TYPES: ReadonlySet<string> = new Set([
  'ErasureRequested',
  'ErasureConfirmed',
  'ErasureCancelled',
  'PersonErased',
  'ErasureReceipted',
]);

const NEW = { requested_at: null, confirmed_at: null, cancelled_at: null, erased_at: null, receipt: null } as const;

/** What an event makes of a person's row. null: there is none, or it is to go. */
export const evolveErasure = (row: ErasureRow | null, event: AnyEvent): ErasureRow | null => {
  const id = idInStream(event.stream);
  const at = event.recordedAt;
  const base = { id, changed_at: at };
  switch (event.type) {
    case 'ErasureRequested':
      return { ...NEW, ...base, status: 'requested', requested_at: at };
    case 'ErasureConfirmed':
      return row && { ...row, ...base, status: 'confirmed', confirmed_at: at };
    case 'ErasureCancelled':
      return row && { ...row, ...base, status: 'cancelled', cancelled_at: at };
    case 'PersonErased':
      if (event.data.reason === 'registration-expired') return null;
      return { ...NEW, ...row, ...base, status: 'erased', erased_at: at };
    case 'ErasureReceipted':
      return row && { ...row, receipt: receiptOf(id, event) };
    default:
      return row;
  }
};

const receiptOf = (id: string, { data }: Extract<AnyEvent, { type: 'ErasureReceipted' }>): ErasureRow['receipt'] => ({
  id,
  position: data.position,
  erased_at: data.erasedAt,
  key_id: data.keyId,
  backups_until: data.backupsUntil,
  ...(data.outOfReach === null ? {} : { out_of_reach: data.outOfReach }),
  signed_by: data.signedBy,
  signature: data.signature,
});
