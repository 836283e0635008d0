import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import type { Actor } from '@rollbook/shared/event-log/event';
import type { StreamRead } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { finishListing } from '../../admin-roster/finish-listing.handle.ts';
import { abandonAttempt, lookAtName, takeName, type SeenName } from '../../claim/claims.handle.ts';
import { Attempts } from '../../command/attempts.ts';
import { personIdOf, writeContext, type Command } from '../../command/command.ts';
import type { Effect } from '../../command/own-events.ts';
import type { HashingPlace } from '../../password/hashing-queue.ts';
import { lookAtUsername } from './look-at-username.handle.ts';
import { decideRegistration, refuseRegistrar, type Registrar } from './register-user.decide.ts';
import type { IdentifyRegistrar, Registration, RegisterPorts } from './registration.ts';

/**
 * Registers a person. Promises: one owner a name at every position of the log; no name stuck for longer than a claim
 * lives; one person a command, whatever is repeated, lost or executed twice; the names are claimed before the password
 * is hashed. Throws OutcomeUnknown and StoreUnavailable.
 */
export const registerUser = async (
  ports: RegisterPorts,
  command: Command,
  wanted: Registration,
  identify: IdentifyRegistrar,
): Promise<Effect | Rejection> => {
  const execution = new Execution(ports, command, wanted, identify);
  try {
    return await inRounds(ports, () => execution.round());
  } catch (fault) {
    await execution.abandonQuietly();
    throw fault;
  } finally {
    execution.releasePlace();
  }
};

/** One execution of the command. Holds only what must outlive a round: the attempt, the place and the hash. */
class Execution {
  readonly #ports: RegisterPorts;
  readonly #command: Command;
  readonly #wanted: Registration;
  readonly #identify: IdentifyRegistrar;
  readonly #attempts: Attempts;
  #place: HashingPlace | null = null;
  #hash: string | null;
  #claimed = false;
  #actor: Actor = { kind: 'anonymous', id: null };

  constructor(ports: RegisterPorts, command: Command, wanted: Registration, identify: IdentifyRegistrar) {
    this.#ports = ports;
    this.#command = command;
    this.#wanted = wanted;
    this.#identify = identify;
    this.#attempts = new Attempts(command, ports.clock);
    this.#hash = wanted.secret !== null && 'hash' in wanted.secret ? wanted.secret.hash : null;
  }

  releasePlace(): void {
    this.#place?.release();
  }

  /** After a fault: frees the names if nothing was registered, so that the form can be sent again at once. */
  async abandonQuietly(): Promise<void> {
    if (!this.#claimed) return;
    try {
      await abandonAttempt(this.#ports.log, this.#userId, EMPTY_STREAM, this.#context);
    } catch {
      // Then the claims end by themselves after two minutes.
    }
  }

  get #commandId(): string {
    return this.#attempts.commandId;
  }

  get #userId(): string {
    return personIdOf(this.#commandId);
  }

  get #context(): ReturnType<typeof writeContext> {
    return writeContext(this.#command, this.#commandId, this.#actor);
  }

  async round(): Promise<Effect | Rejection | typeof AGAIN> {
    const { log } = this.#ports;
    const own = await log.read(userStream(this.#userId));
    const caller = await this.#identify();
    if (!isRejection(caller)) this.#actor = caller.actor;
    const { existence } = foldPerson(own.events);
    const effect = existence === 'abandoned' ? this.#attempts.next() : this.#attempts.effectIn(own.events);
    if (effect === AGAIN) {
      this.#claimed = false;
      return AGAIN;
    }
    if (effect) {
      if (isRejection(caller)) return caller;
      const refused = refuseRegistrar(caller.registrar, this.#wanted.role);
      return refused ?? this.#finished(effect, existence);
    }
    return this.#decide(own, caller);
  }

  async #finished(effect: Effect, existence: string): Promise<Effect | Rejection> {
    if (existence === 'erased') return reject('not_found');
    if (effect.person.role === 'admin') await finishListing(this.#ports, this.#userId, this.#context);
    return effect;
  }

  async #decide(own: StreamRead, caller: Awaited<ReturnType<IdentifyRegistrar>>): Promise<Rejection | typeof AGAIN> {
    const emailDigest = this.#ports.digests.email(this.#wanted.canonicalEmail);
    const email = await lookAtName(this.#ports, 'email', emailDigest, this.#commandId);
    const { username, seen } = await lookAtUsername(this.#ports, this.#wanted, this.#commandId);
    if (isRejection(caller)) return this.#refuse(caller, email, seen, own);
    const refusal = this.#refusalOf(caller.registrar, email, seen);
    if (refusal) return this.#refuse(refusal, email, seen, own);

    this.#claimed = true;
    if ((await takeName(this.#ports, email, this.#userId, this.#context)) === 'again') return AGAIN;
    if ((await takeName(this.#ports, seen, this.#userId, this.#context)) === 'again') return AGAIN;
    if (await this.#hashed()) return AGAIN;

    const events = decideRegistration({
      registrar: caller.registrar,
      role: this.#wanted.role,
      personal: { ...this.#profile(), username, passwordHash: this.#hash },
      emailClaimId: email.ownClaimId,
      usernameClaimId: seen.ownClaimId,
      emailDigest,
      usernameDigest: this.#ports.digests.username(username),
      portal: this.#wanted.portal,
      grantId: derivedUuid('grant', this.#commandId),
    });
    await this.#ports.log.append(userStream(this.#userId), own.end, events, this.#context);
    // Whatever the store said: what stands in the stream now is what counts.
    return AGAIN;
  }

  /** True when the hash was made just now: so much time has passed that everything is read again. */
  async #hashed(): Promise<boolean> {
    const { secret } = this.#wanted;
    if (secret === null || this.#hash !== null || !('password' in secret) || !this.#place) return false;
    this.#hash = await this.#place.run(() => this.#ports.hashes.hash(secret.password));
    return true;
  }

  #profile(): Omit<Parameters<typeof decideRegistration>[0]['personal'], 'username' | 'passwordHash'> {
    const { email, name, firstName, lastName, phone, preferences } = this.#wanted;
    return { email, name, firstName, lastName, phone, preferences };
  }

  #refusalOf(registrar: Registrar, email: SeenName, username: SeenName): Rejection | null {
    const refused = refuseRegistrar(registrar, this.#wanted.role);
    if (refused) return refused;
    // Nothing exists yet that a precondition could name (RFC 9110, 13.1.1).
    if (this.#command.ifMatch !== null) return reject('precondition_failed');
    if (email.verdict === 'in-use') return reject('email_taken');
    if (username.verdict === 'in-use') return reject('username_taken');
    if (email.verdict === 'in-progress') return reject('email_in_progress');
    if (username.verdict === 'in-progress') return reject('username_in_progress');
    if (this.#hash === null && this.#wanted.secret !== null) {
      this.#place ??= this.#ports.queue.reserve();
      if (!this.#place) return reject('hashing_queue_full');
    }
    return null;
  }

  /** Turns down; claims that this attempt holds are fenced first, so that a corrected form goes through at once. */
  async #refuse(
    rejection: Rejection,
    email: SeenName,
    username: SeenName,
    own: StreamRead,
  ): Promise<Rejection | typeof AGAIN> {
    if (email.verdict !== 'own' && username.verdict !== 'own') return rejection;
    return (await abandonAttempt(this.#ports.log, this.#userId, own.end, this.#context)) ? rejection : AGAIN;
  }
}
