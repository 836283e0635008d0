import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Attempt, CredentialLimits } from '../credential-limits/credential-limits.ts';
import type { HashingQueue } from './hashing-queue.ts';
import type { PasswordHashes } from './password-hashes.ts';

export interface CheckPasswordPorts {
  readonly hashes: PasswordHashes;
  readonly queue: HashingQueue;
  readonly limits: CredentialLimits;
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

  /** null: it is the password of this hash. A wrong one counts as a failed sign-in of the person. */
  async refuse(storedHash: string | null, who: Pick<Attempt, 'subject' | 'address'>): Promise<Rejection | null> {
    if (storedHash !== null && storedHash === this.#good) return null;
    const place = this.#ports.queue.reserve();
    if (!place) return reject('hashing_queue_full');
    try {
      const { hashes, limits } = this.#ports;
      const slot = await limits.take({ kind: 'sign-in', ...who });
      if ('retryAfter' in slot) return reject('too_many_attempts', slot);
      const matches = await place.run(() =>
        storedHash === null ? hashes.matchesNobody(this.#sent) : hashes.matches(this.#sent, storedHash),
      );
      if (!matches) return reject('current_password_wrong');
      await slot.giveBack();
    } finally {
      place.release();
    }
    this.#good = storedHash;
    return null;
  }
}
