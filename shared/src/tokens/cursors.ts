import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { equalBytes } from '../kernel/digest.ts';
import type { Json } from '../kernel/json.ts';
import type { NamedSecret } from '../kernel/named-key.ts';
import type { Random } from '../kernel/random.ts';

const IV_BYTES = 16;
/** Characters: far more than a cursor of ours ever has, far less than a request line may hold. */
const MAX_LENGTH = 8_192;

interface Keys {
  readonly hide: KeyObject;
  readonly prove: KeyObject;
}

/**
 * Cursors of lists: opaque, since they hold values of the row they stand at, and authenticated.
 * `<key id>.<IV and ciphertext>.<MAC>`: AES-256-CTR, then HMAC-SHA-256 over all of it and the list's name, both keys
 * from HKDF(MASTER_KEY, "cursor").
 */
export class Cursors {
  readonly #keys: ReadonlyMap<string, Keys>;
  readonly #current: string;
  readonly #random: Random;

  constructor(masterKeys: readonly NamedSecret[], random: Random) {
    this.#keys = new Map(masterKeys.map(({ id, secret }) => [id, derive(secret)]));
    this.#current = masterKeys[0]?.id ?? '';
    this.#random = random;
  }

  /** `list` names the operation; a cursor is good for that one only. */
  seal(list: string, content: Json): string {
    const keys = this.#keys.get(this.#current);
    if (!keys) throw new Error('There is no key for cursors');
    const iv = this.#random.bytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-ctr', keys.hide, iv);
    const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
    const body = `${Buffer.from(this.#current).toString('base64url')}.${sealed.toString('base64url')}`;
    return `${body}.${macOf(keys, list, body)}`;
  }

  /** What was sealed for this list; undefined for anything that was not given out here. */
  open(list: string, cursor: string): unknown {
    if (cursor.length > MAX_LENGTH || !/^[\w-]+\.[\w-]+\.[\w-]{43}$/.test(cursor)) return undefined;
    const [keyId = '', content = '', mac = ''] = cursor.split('.');
    const keys = this.#keys.get(Buffer.from(keyId, 'base64url').toString());
    // As text: more than one text gives the same bytes.
    if (!keys || !equalBytes(Buffer.from(macOf(keys, list, `${keyId}.${content}`)), Buffer.from(mac))) return undefined;
    const sealed = Buffer.from(content, 'base64url');
    const decipher = createDecipheriv('aes-256-ctr', keys.hide, sealed.subarray(0, IV_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES)), decipher.final()]);
    return JSON.parse(plain.toString('utf8'));
  }
}

const macOf = ({ prove }: Keys, list: string, body: string): string =>
  createHmac('sha256', prove).update(`${list}\n${body}`).digest('base64url');

const derive = (secret: Buffer): Keys => {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'cursor', 64));
  return { hide: createSecretKey(bytes.subarray(0, 32)), prove: createSecretKey(bytes.subarray(32)) };
};
