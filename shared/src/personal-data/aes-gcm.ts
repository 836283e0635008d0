import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Sealed {
  /** 12 bytes, used once. */
  readonly nonce: Buffer;
  /** Ciphertext with the 16-byte tag behind it. */
  readonly ciphertext: Buffer;
}

/** AES-256-GCM. `nonce` must be fresh random bytes (NIST SP 800-38D, 8.2.2); `aad` is bound but not hidden. */
export const seal = (key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: string): Sealed => {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce).setAAD(Buffer.from(aad, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { nonce: Buffer.from(nonce), ciphertext };
};

/** The plaintext; throws when key, nonce, ciphertext and `aad` do not belong together. */
export const open = (key: Uint8Array, sealed: Sealed, aad: string): Buffer => {
  const body = sealed.ciphertext.subarray(0, -TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), sealed.nonce)
    .setAAD(Buffer.from(aad, 'utf8'))
    .setAuthTag(sealed.ciphertext.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(body), decipher.final()]);
};

export const nonceBytes = NONCE_BYTES;
