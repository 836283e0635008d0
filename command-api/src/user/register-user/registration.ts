import type { Rejection } from '@rollbook/shared/contracts/rejections';
import type { Role } from '@rollbook/shared/contracts/roles';
import type { UserResource } from '@rollbook/shared/contracts/user';
import type { Actor } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import type { HashingQueue } from '../../password/hashing-queue.ts';
import type { PasswordHashes } from '../../password/password-hashes.ts';
import type { Registrar } from './register-user.decide.ts';

export interface RegisterPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly digests: NameDigests;
  readonly hashes: PasswordHashes;
  readonly queue: HashingQueue;
  /** ms */
  readonly pendingTtl: number;
}

/** A registration as asked for; every value has passed the edge. */
export interface Registration {
  readonly email: string;
  readonly canonicalEmail: string;
  /** null: derive one. */
  readonly username: string | null;
  /** True: when the wanted username is lost, take a derived one. */
  readonly usernameMayDiffer: boolean;
  /** A hash that was made already, else the password itself, or null for an invitation. */
  readonly secret: { readonly password: string } | { readonly hash: string } | null;
  readonly name: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly phone: string | null;
  readonly preferences: UserResource['preferences'] & object;
  readonly role: Role;
  readonly portal: string | null;
}

/** Who asks, as far as it is known now. Called in every round: a session or a role may end meanwhile. */
export type IdentifyRegistrar = () => Promise<{ readonly registrar: Registrar; readonly actor: Actor } | Rejection>;
