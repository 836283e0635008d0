import { createHmac } from 'node:crypto';
import type { NamedSecret } from '@rollbook/shared/kernel/named-key';

/** bcrypt, or a cheap double of it where a test runs thousands of schedules. */
export interface SlowHash {
  hash(input: string, cost: number): Promise<string>;
  compare(input: string, hash: string): Promise<boolean>;
}

/**
 * `<pepper id>$<bcrypt>` with bcrypt over base64(HMAC-SHA-384(pepper, password)): 64 characters, so bcrypt's cut at 72
 * bytes is never met, and the pepper can change. The password is hashed exactly as sent but for NFC (RFC 8265, 4.2.1).
 */
export class PasswordHashes {
  readonly #slow: SlowHash;
  readonly #peppers: readonly NamedSecret[];
  readonly #cost: number;
  readonly #dummy: Promise<string>;

  /** `peppers`: the first is current. `cost`: bcrypt's, 12 unless set. */
  constructor(slow: SlowHash, peppers: readonly NamedSecret[], cost: number) {
    this.#slow = slow;
    this.#peppers = peppers;
    this.#cost = cost;
    this.#dummy = this.hash('no such person');
  }

  async hash(password: string): Promise<string> {
    const pepper = this.#peppers[0];
    if (!pepper) throw new RangeError('There must be a pepper');
    return `${pepper.id}$${await this.#slow.hash(peppered(pepper, password), this.#cost)}`;
  }

  /** False for a wrong password. Throws when the hash names a pepper that this service was not given. */
  async matches(password: string, stored: string): Promise<boolean> {
    const cut = stored.indexOf('$');
    const pepper = this.#peppers.find(({ id }) => id === stored.slice(0, cut));
    if (!pepper)
      throw new RangeError(`PASSWORD_PEPPER lacks the id ${stored.slice(0, cut)}, which a stored hash names`);
    return this.#slow.compare(peppered(pepper, password), stored.slice(cut + 1));
  }

  /** True when a stored hash was made with another pepper or cost than hashes are made with now. */
  isOutdated(stored: string): boolean {
    const [pepper, , , cost] = stored.split('$');
    return pepper !== this.#peppers[0]?.id || Number(cost) !== this.#cost;
  }

  /** Takes as long as `matches` and is always false: for login names that nobody has. */
  async matchesNobody(password: string): Promise<false> {
    await this.matches(password, await this.#dummy);
    return false;
  }
}

const peppered = ({ secret }: NamedSecret, password: string): string =>
  createHmac('sha384', secret).update(password.normalize('NFC'), 'utf8').digest('base64');
