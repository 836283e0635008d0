import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { Actor } from '@rollbook/shared/event-log/event';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Caller } from '@rollbook/shared/person/authority';
import { finishListing } from '../../admin-roster/finish-listing.handle.ts';
import { completeHalfDone, readRoster, unlistGrant, type ReadRoster } from '../../admin-roster/remove-admin.handle.ts';
import { takeName } from '../../claim/claims.handle.ts';
import { forfeitOwn } from '../../claim/forfeit-own.handle.ts';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import { ownEffect, type Effect } from '../../command/own-events.ts';
import { readPerson, type ReadPerson } from '../../command/read-person.ts';
import { CurrentPassword } from '../../password/check-current-password.ts';
import { finishErasure } from '../erase-user/finish-erasure.handle.ts';
import { lookAtNames, lostClaim } from './look-at-names.handle.ts';
import { isTheirs, namesRefusal, type SeenNames } from './seen-names.ts';
import { updateEvents } from './update-events.ts';
import { decideUpdate, isEmpty, refuseUnseen, withoutRemoval, type UpdatePlan } from './update-user.decide.ts';
import type { Identify, Update, UpdatePorts } from './update.ts';

/**
 * Changes a person: profile, names, role and state in one command. A removal of an administrator is a step of its own
 * before the rest (`remove-admin.handle.ts`); all else stands in one append. Nothing to change is a success too.
 */
export const updateUser = async (
  ports: UpdatePorts,
  command: Command,
  update: Update,
  identify: Identify,
): Promise<Effect | Rejection> => {
  const execution = new Execution(ports, command, update, identify);
  return inRounds(ports, () => execution.round());
};

class Execution {
  readonly #ports: UpdatePorts;
  readonly #command: Command;
  readonly #update: Update;
  readonly #identify: Identify;
  readonly #attempts: Attempts;
  /** Whether this execution has tried to write what it was asked to. */
  #wrote = false;
  #actor: Actor = { kind: 'anonymous', id: null };
  #password: CurrentPassword | null = null;

  constructor(ports: UpdatePorts, command: Command, update: Update, identify: Identify) {
    this.#ports = ports;
    this.#command = command;
    this.#update = update;
    this.#identify = identify;
    this.#attempts = new Attempts(command, ports.clock);
  }

  get #commandId(): string {
    return this.#attempts.commandId;
  }

  async round(): Promise<Effect | Rejection | typeof AGAIN> {
    const { log } = this.#ports;
    const caller = await this.#identify();
    if (isRejection(caller)) return (await this.#doneBefore()) ?? caller;
    this.#actor = personActor(caller.userId);
    const { userId } = this.#update;
    const target = await readPerson(log, userId);
    await finishErasure(this.#ports, target);
    const unseen = refuseUnseen(caller, target.person, this.#update);
    if (unseen) return unseen;
    const roster = target.person.role === 'admin' ? await readRoster(log) : null;
    if (roster && (await completeHalfDone(log, target, roster, this.#command.requestId))) return AGAIN;

    const effect = this.#attempts.effectIn(target.events);
    if (effect === AGAIN) return AGAIN;
    if (lostClaim(this.#ports.digests, target.person, this.#update.wanted, this.#commandId))
      return this.#attempts.next();
    // A removal that stands alone was completed for this command; the rest may still be to do.
    const removed = effect !== null && effect.last.id === eventIdOf(this.#commandId, userStream(userId), 0);
    if (effect && !removed) return this.#finished(effect);
    const wanted = removed ? withoutRemoval(this.#update.wanted, effect.last.type) : this.#update.wanted;
    const plan = decideUpdate(caller, target.person, wanted);
    if (isRejection(plan)) return this.#refuse(plan, target, null);
    if (isEmpty(plan)) {
      const last = target.events.at(-1);
      if (effect ?? !last) return effect ? this.#finished(effect) : reject('not_found');
      return (removed ? null : refuseIfMatch(this.#command.ifMatch, target.events)) ?? { person: target.person, last };
    }
    return this.#carryOut(caller, target, plan, roster, removed);
  }

  async #carryOut(
    caller: Caller,
    target: ReadPerson,
    plan: UpdatePlan,
    roster: ReadRoster | null,
    removed: boolean,
  ): Promise<Rejection | typeof AGAIN> {
    const { log } = this.#ports;
    const context = writeContext(this.#command, this.#commandId, this.#actor);
    const seen = await lookAtNames(this.#ports, plan, this.#commandId);
    if ([seen.email, seen.username].some((name) => isTheirs(name, target.person))) return AGAIN;
    const refusal =
      (removed ? null : refuseIfMatch(this.#command.ifMatch, target.events)) ??
      namesRefusal(plan, seen) ??
      (await this.#passwordRefusal(caller, target, plan));
    if (refusal) return this.#refuse(refusal, target, seen);

    for (const name of [seen.email, seen.username])
      if (name && (name.kind === 'username' || plan.email?.how === 'set'))
        if ((await takeName(this.#ports, name, this.#update.userId, context)) === 'again') return AGAIN;

    if (plan.removal && roster && target.person.grantId !== null) {
      const { grantId } = target.person;
      const unlisted = await unlistGrant(log, roster, grantId, this.#update.userId, plan.removal, context);
      if (unlisted === 'again') {
        this.#wrote = true;
        return AGAIN;
      }
      if (unlisted !== 'unlisted') return this.#refuse(unlisted, target, seen);
    }
    const events = updateEvents(target.person, plan, {
      usernameClaimId: seen.username?.ownClaimId ?? null,
      usernameDigest: plan.username === null ? null : this.#ports.digests.username(plan.username),
      emailClaimId: seen.email?.ownClaimId ?? null,
      emailDigest: plan.email === null ? null : this.#ports.digests.email(plan.email.canonical),
      portal: this.#update.portal,
      keptSessionId: null,
      grantId: derivedUuid('grant', this.#commandId),
    });
    this.#wrote = true;
    const stream = userStream(this.#update.userId);
    const ids = events.map((_, index) => eventIdOf(this.#commandId, stream, index + (plan.removal ? 0 : 1)));
    await log.append(stream, target.end, events, context, ids);
    return AGAIN;
  }

  /** Whoever deactivates themselves ends their own session: what this execution has done is done all the same. */
  async #doneBefore(): Promise<Effect | null> {
    if (!this.#wrote) return null;
    const { events } = await readPerson(this.#ports.log, this.#update.userId);
    return ownEffect(events, this.#commandId);
  }

  async #finished(effect: Effect): Promise<Effect> {
    if (effect.person.role === 'admin') {
      const context = writeContext(this.#command, this.#commandId, effect.last.metadata.actor);
      await finishListing(this.#ports, this.#update.userId, context);
    }
    return effect;
  }

  /** The own address changes only with the password; checked anew when the password changed meanwhile. */
  async #passwordRefusal(caller: Caller, { person }: ReadPerson, { email }: UpdatePlan): Promise<Rejection | null> {
    if (email === null || caller.userId !== person.id) return null;
    const { currentPassword } = this.#update;
    const field = 'current_password';
    if (currentPassword === null)
      return reject('invalid_input', {
        details: [{ field, code: 'required', message: 'is required to change the email' }],
      });
    this.#password ??= new CurrentPassword(this.#ports, this.#command, currentPassword);
    return this.#password.refuse(person.passwordHash, caller.userId);
  }

  /** Turns down; claims that this attempt holds are fenced first. */
  async #refuse(rejection: Rejection, target: ReadPerson, seen: SeenNames | null): Promise<Rejection | typeof AGAIN> {
    const held = [seen?.username, seen?.email].flatMap((name) => (name?.verdict === 'own' ? [name.ownClaimId] : []));
    if (held.length === 0) return rejection;
    const context = writeContext(this.#command, this.#commandId, this.#actor);
    return (await forfeitOwn(this.#ports.log, this.#update.userId, target.end, held, context)) ? rejection : AGAIN;
  }
}
