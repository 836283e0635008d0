import { createSecretKey, type KeyObject } from 'node:crypto';
import { hmacOfParts } from '../kernel/digest.ts';
import { CANONICAL_EMAIL_VERSION } from './canonical-email.ts';

/** A username is compared as it is; the version allows for another rule one day. */
const USERNAME_VERSION = '1';

/** Turns names into what streams are called: HMAC-SHA-256 under DIGEST_KEY, so a name can't be guessed back. */
export class NameDigests {
  readonly #key: KeyObject;

  /** `digestKey`: at least 32 bytes; can never be rotated. */
  constructor(digestKey: Buffer) {
    this.#key = createSecretKey(digestKey);
  }

  /** Of the canonical form. Hex. */
  email(canonical: string): string {
    return hmacOfParts(this.#key, ['email', CANONICAL_EMAIL_VERSION, canonical]).toString('hex');
  }

  username(username: string): string {
    return hmacOfParts(this.#key, ['username', USERNAME_VERSION, username]).toString('hex');
  }
}
