import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../kernel/json.ts';

/** What proves an erasure to whoever asks later. It names nobody: a bare id, a place in the log and a key that is gone. */
export interface ErasureReceipt {
  /** The person's id. */
  readonly id: string;
  /** Of `PersonErased` in the log. */
  readonly position: string;
  /** RFC 3339. */
  readonly erased_at: string;
  /** Of the person's key that was destroyed. */
  readonly key_id: string;
  /** RFC 3339. Backups may hold the key until then. */
  readonly backups_until: string;
  /** Id of the key in `/.well-known/receipt-keys.json` that signed this. */
  readonly signed_by: string;
}

/** The bytes that are signed: canonical JSON (RFC 8785) of exactly these members. */
const signedBytes = ({ id, position, erased_at, key_id, backups_until, signed_by }: ErasureReceipt): Buffer =>
  Buffer.from(canonicalJson({ id, position, erased_at, key_id, backups_until, signed_by }), 'utf8');

/** Ed25519 (RFC 8032), base64. */
export const signReceipt = (receipt: ErasureReceipt, key: KeyObject): string =>
  sign(null, signedBytes(receipt), key).toString('base64');

/** True when this key signed exactly this receipt. */
export const verifyReceipt = (receipt: ErasureReceipt, signature: string, key: KeyObject): boolean =>
  verify(null, signedBytes(receipt), key, Buffer.from(signature, 'base64'));
