import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../kernel/json.ts';

/**
 * Where something of an erased person may still stand for a while, or for good, as `docs/features/deactivation-and-erasure.md`
 * explains each. What is encrypted under the destroyed key is not among them: nobody can read it.
 */
export const OUT_OF_REACH = [
  'database-free-space-and-wal',
  'replicas-and-backups',
  'exports-handed-out',
  'message-topics',
  'keyed-digests-of-former-addresses',
] as const;

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
  /** `OUT_OF_REACH` as it was known then. A receipt of before that has none. */
  readonly out_of_reach?: readonly string[];
  /** Id of the key in `/.well-known/receipt-keys.json` that signed this. */
  readonly signed_by: string;
}

/** The bytes that are signed: canonical JSON (RFC 8785) of exactly these members. */
const signedBytes = (receipt: ErasureReceipt): Buffer => {
  const { id, position, erased_at, key_id, backups_until, out_of_reach, signed_by } = receipt;
  const reach = out_of_reach === undefined ? {} : { out_of_reach };
  return Buffer.from(canonicalJson({ id, position, erased_at, key_id, backups_until, ...reach, signed_by }), 'utf8');
};

/** Ed25519 (RFC 8032), base64. */
export const signReceipt = (receipt: ErasureReceipt, key: KeyObject): string =>
  sign(null, signedBytes(receipt), key).toString('base64');

/** True when this key signed exactly this receipt. */
export const verifyReceipt = (receipt: ErasureReceipt, signature: string, key: KeyObject): boolean =>
  verify(null, signedBytes(receipt), key, Buffer.from(signature, 'base64'));
