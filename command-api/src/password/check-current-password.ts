import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Refusal } from '@rollbook/shared/http/endpoint';
import { personActor, type Command } from '../command/command.ts';
import type { CredentialLimits } from '../credential-limits/credential-limits.ts';
import { noteFailedSignIn, type NoteFailurePorts } from '../session/failed-sign-in/note-failed-sign-in.handle.ts';
import type { HashingQueue } from './hashing-queue.ts';
import type { PasswordHashes } from './password-hashes.ts';

export interface CheckPasswordPorts extends NoteFailurePorts {
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
  readonly #command: Command;
  readonly #sent: string;
  #good: string | null = null;

  constructor(ports: CheckPasswordPorts, command: Command, sent: string) {
    this.#ports = ports;
    this.#command = command;
    this.#sent = sent;
  }

  /** null: it is the password of this hash, which is `userId`'s. A wrong one is a failed sign-in of the person. */
  async refuse(storedHash: string | null, userId: string): Promise<Rejection | Refusal | null> {
    if (storedHash !== null && storedHash === this.#good) return null;
    const place = this.#ports.queue.reserve();
    if (!place) return reject('hashing_queue_full');
    try {
      const { hashes, limits } = this.#ports;
      const address = this.#command.origin?.address ?? null;
      const slot = await limits.take({ kind: 'sign-in', subject: userId, address });
      if ('retryAfter' in slot) return reject('too_many_attempts', slot);
      const matches = await place.run(() =>
        storedHash === null ? hashes.matchesNobody(this.#sent) : hashes.matches(this.#sent, storedHash),
      );
      if (!matches) {
        await slot.failed();
        return { ...reject('current_password_wrong'), after: () => this.#note(userId) };
      }
      await slot.giveBack();
    } finally {
      place.release();
    }
    this.#good = storedHash;
    return null;
  }

  #note(userId: string): Promise<void> {
    const failure = { userId, where: 'current-password', actor: personActor(userId) } as const;
    return noteFailedSignIn(this.#ports, this.#command, failure);
  }
}
