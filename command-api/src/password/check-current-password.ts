import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { HashingQueue } from './hashing-queue.ts';
import type { PasswordHashes } from './password-hashes.ts';

export interface CheckPasswordPorts {
  readonly hashes: PasswordHashes;
  readonly queue: HashingQueue;
}

/**
 * Remembers, over the rounds of one execution, that the caller knows the password: it is looked at again only where
 * the stored hash is another one by then.
 */
export class CurrentPassword {
  readonly #ports: CheckPasswordPorts;
  readonly #sent: string;
  #good: string | null = null;

  constructor(ports: CheckPasswordPorts, sent: string) {
    this.#ports = ports;
    this.#sent = sent;
  }

  /** null: it is the password of this hash. Takes as long as a hash does unless it was checked before. */
  async refuse(storedHash: string | null): Promise<Rejection | null> {
    if (storedHash !== null && storedHash === this.#good) return null;
    const place = this.#ports.queue.reserve();
    if (!place) return reject('hashing_queue_full');
    const { hashes } = this.#ports;
    const matches = await place.run(() =>
      storedHash === null ? hashes.matchesNobody(this.#sent) : hashes.matches(this.#sent, storedHash),
    );
    if (!matches) return reject('current_password_wrong');
    this.#good = storedHash;
    return null;
  }
}
