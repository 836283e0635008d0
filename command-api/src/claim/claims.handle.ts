import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { emailClaimStream, userStream, usernameClaimStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, StreamEnd, WriteContext } from '@rollbook/shared/event-log/event-log';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { foldPerson, type Person } from '@rollbook/shared/person/person.state';
import { expireRegistration } from '../user/expire-registration/expire-registration.handle.ts';
import { lastClaim, type Claim, type ClaimKind } from './claim.state.ts';
import { judgeClaim, type Verdict } from './judge-claim.decide.ts';

/** ms a claim may stay unused before others may fence it: longer than the hashing queue. */
export const CLAIM_LIFETIME = 2 * 60 * 1_000;

export interface ClaimPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  /** ms */
  readonly pendingTtl: number;
}

/** A name as one attempt looks at it: the claim stream's end, and what the claim there is worth. */
export interface SeenName {
  readonly kind: ClaimKind;
  readonly stream: string;
  readonly end: StreamEnd;
  readonly ownClaimId: string;
  readonly verdict: Verdict | 'free';
  readonly claim: Claim | null;
  readonly holder: { readonly person: Person; readonly end: StreamEnd } | null;
}

const claimStream = { email: emailClaimStream, username: usernameClaimStream };

/** The id that the claim of this attempt has in the name's stream. */
export const claimIdOf = (commandId: string, kind: ClaimKind, digest: string): string =>
  eventIdOf(commandId, claimStream[kind](digest), 0);

/** Reads a name's claim and its holder, in this order, and judges it. */
export const lookAtName = async (
  { log, clock, pendingTtl }: ClaimPorts,
  kind: ClaimKind,
  digest: string,
  commandId: string,
): Promise<SeenName> => {
  const stream = claimStream[kind](digest);
  const ownClaimId = claimIdOf(commandId, kind, digest);
  const read = await log.read(stream, { direction: 'backwards', limit: 1 });
  const claim = lastClaim(read.events);
  const seen = { kind, stream, end: read.end, ownClaimId, claim };
  if (claim === null) return { ...seen, verdict: 'free', holder: null };
  const held = await log.read(userStream(claim.userId));
  const person = foldPerson(held.events);
  const verdict = judgeClaim({ claim, kind, ownClaimId, holder: person, now: clock.now(), pendingTtl });
  return { ...seen, verdict, holder: { person, end: held.end } };
};

/**
 * One step towards holding the name for `userId`. `held`: the stream's last claim is this attempt's. `again`: something
 * was written or lost, so look at everything again. Never call it for a name that is in use or in progress.
 */
export const takeName = async (
  ports: ClaimPorts,
  seen: SeenName,
  userId: string,
  context: WriteContext,
): Promise<'held' | 'again'> => {
  if (seen.verdict === 'own') return 'held';
  if (seen.verdict === 'overdue' && seen.holder) {
    await expireRegistration(ports.log, seen.holder, 'expired', context);
    return 'again';
  }
  if (seen.verdict === 'stale' && seen.holder && seen.claim) {
    await fence(ports.log, seen.claim, seen.holder, context);
    return 'again';
  }
  const data = { userId, expiresAt: toInstant(ports.clock.now() + CLAIM_LIFETIME) };
  const type = seen.kind === 'email' ? 'EmailClaimed' : 'UsernameClaimed';
  await ports.log.append(seen.stream, seen.end, [{ type, data, personal: null }], context, [seen.ownClaimId]);
  return 'again';
};

/**
 * Makes sure that this claim will never be used: at the exact end of the holder's stream as it was read, so whoever
 * uses the claim meanwhile wins. A refusal is fine: the next look tells.
 */
const fence = async (
  log: EventLog,
  claim: Claim,
  holder: { readonly person: Person; readonly end: StreamEnd },
  context: WriteContext,
): Promise<void> => {
  const stream = userStream(claim.userId);
  const event: AnyNewEvent =
    holder.person.existence === 'none'
      ? { type: 'RegistrationAbandoned', data: {}, personal: null }
      : { type: 'ClaimForfeited', data: { claimId: claim.claimId }, personal: null };
  // The id names the claim, not the command: one command may fence several claims of one holder.
  const id = derivedUuid('fence', stream, claim.claimId, String(holder.end.revision + 1));
  await log.append(stream, holder.end, [event], context, [id]);
};

/** Gives up this attempt before it registered anybody: kills all its claims at once. False when it lost a race. */
export const abandonAttempt = async (
  log: EventLog,
  userId: string,
  end: StreamEnd,
  context: WriteContext,
): Promise<boolean> => {
  const event: AnyNewEvent = { type: 'RegistrationAbandoned', data: {}, personal: null };
  const id = derivedUuid('abandon', userId, context.commandId);
  const result = await log.append(userStream(userId), end, [event], context, [id]);
  return result.outcome !== 'conflict';
};
