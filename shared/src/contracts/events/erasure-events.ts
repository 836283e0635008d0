import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

const uuid = z.uuid();

/** A person asks for their own erasure. The event's id is the request's id that the mail's link is bound to. */
export const ErasureRequested = defineEvent('ErasureRequested', 1, {
  data: { portal: z.string().nullable(), emailDigest: z.string() },
  personal: { email: z.string(), username: z.string() },
});

/** The link of `requestId` was opened: an administrator decides now. */
export const ErasureConfirmed = defineEvent('ErasureConfirmed', 1, { data: { requestId: uuid } });

/** The person, or an administrator, took the request back. */
export const ErasureCancelled = defineEvent('ErasureCancelled', 1, { data: {} });

/** The person's key is to be destroyed; what was sealed under it is gone for good. */
export const PersonErased = defineEvent('PersonErased', 1, {
  data: { reason: z.enum(['registration-expired', 'requested', 'by-administrator']) },
});

/** After `PersonErased`, once the key is destroyed: the receipt (`person/erasure-receipt.ts`), with its signature. */
export const ErasureReceipted = defineEvent('ErasureReceipted', 2, {
  data: {
    /** Of `PersonErased`. */
    position: z.string(),
    /** RFC 3339. */
    erasedAt: z.string(),
    /** Of the person's key that was destroyed. */
    keyId: z.string(),
    /** RFC 3339; until then a backup may still hold the key. */
    backupsUntil: z.string(),
    /** Where something may still stand (`OUT_OF_REACH`); null in receipts of before it was named. */
    outOfReach: z.array(z.string()).nullable(),
    /** Id of the signing key. */
    signedBy: z.string(),
    /** Base64. */
    signature: z.string(),
  },
});

export const ERASURE_EVENTS = [
  ErasureRequested,
  ErasureConfirmed,
  ErasureCancelled,
  PersonErased,
  ErasureReceipted,
] as const;
