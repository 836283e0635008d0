import { hkdfSync } from 'node:crypto';
import type { NamedSecret } from '../kernel/named-key.ts';
import type { Random } from '../kernel/random.ts';
import { nonceBytes, open, seal } from './aes-gcm.ts';

/** A subject's key as it is stored. */
export interface WrappedKey {
  readonly masterKeyId: string;
  /** Nonce, ciphertext, tag. */
  readonly wrapped: Buffer;
}

/** A stored key that cannot be unwrapped: another master key, or a row that was exchanged. A fault, never an erasure. */
export class KeyUnreadable extends Error {
  override readonly name = 'KeyUnreadable';
}

/** Wraps and unwraps the keys of the subjects. The first master key wraps; each of them unwraps what names it. */
export class MasterKeys {
  readonly #current: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #random: Random;

  /** Throws RangeError without a key and for a secret under 32 bytes. */
  constructor(entries: readonly NamedSecret[], random: Random) {
    const [first] = entries;
    if (!first) throw new RangeError('At least one master key is wanted');
    for (const { id, secret } of entries)
      if (secret.length < 32) throw new RangeError(`Master key ${id} has fewer than 32 bytes`);
    this.#current = first.id;
    this.#keys = new Map(entries.map(({ id, secret }) => [id, derive(secret)]));
    this.#random = random;
  }

  /** The key is bound to its subject and id: in another row it does not unwrap. */
  wrap(subject: string, keyId: string, key: Buffer): WrappedKey {
    const { nonce, ciphertext } = seal(
      this.#master(this.#current),
      this.#random.bytes(nonceBytes),
      key,
      aad(subject, keyId),
    );
    return { masterKeyId: this.#current, wrapped: Buffer.concat([nonce, ciphertext]) };
  }

  /** Throws KeyUnreadable. */
  unwrap(subject: string, keyId: string, { masterKeyId, wrapped }: WrappedKey): Buffer {
    const master = this.#master(masterKeyId);
    try {
      const sealed = { nonce: wrapped.subarray(0, nonceBytes), ciphertext: wrapped.subarray(nonceBytes) };
      return open(master, sealed, aad(subject, keyId));
    } catch (cause) {
      throw new KeyUnreadable(`The key of ${subject} does not open under master key ${masterKeyId}`, { cause });
    }
  }

  #master(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new KeyUnreadable(`MASTER_KEY does not name the key ${id}`);
    return key;
  }
}

/** A secret may be longer than a key of AES-256, and may be used for other things (HKDF, RFC 5869). */
const derive = (secret: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', 'rollbook person keys, version 1', 32));

const aad = (subject: string, keyId: string): string => `${subject}\n${keyId}`;
