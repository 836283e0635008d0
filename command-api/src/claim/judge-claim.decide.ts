import type { Person } from '@rollbook/shared/person/person.state';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import { isOverdue } from '../user/expire-registration/overdue.decide.ts';
import type { Claim, ClaimKind } from './claim.state.ts';

/**
 * - `own`: made by this very attempt, and still the stream's last
 * - `in-use`: the last use of its kind in its holder's stream names it
 * - `overdue`: in use by a registration that was never verified and whose time is over; it may be expired
 * - `dead`: forfeited, left, or its holder abandoned or erased; may be taken over
 * - `in-progress`: not used yet, and its holder still has time
 * - `stale`: not used, and its time is over; may be taken over after a fence
 */
export type Verdict = 'own' | 'in-use' | 'overdue' | 'dead' | 'in-progress' | 'stale';

export interface Judgement {
  readonly claim: Claim;
  readonly kind: ClaimKind;
  /** The claim id that this attempt would have. */
  readonly ownClaimId: string;
  /** The fold of the holder's stream, read after the claim. */
  readonly holder: Person;
  /** ms since 1970. */
  readonly now: number;
  /** ms that a registration may stay unverified. */
  readonly pendingTtl: number;
}

/** What a claim that somebody meets is worth now. Only events decide whether it lives; the clock only lets others act. */
export const judgeClaim = ({ claim, kind, ownClaimId, holder, now, pendingTtl }: Judgement): Verdict => {
  if (holder.existence === 'abandoned' || holder.existence === 'erased') return 'dead';
  if (holder.forfeitedClaims.includes(claim.claimId)) return 'dead';
  if (holder.usedClaims[kind] === claim.claimId) return isOverdue(holder, now, pendingTtl) ? 'overdue' : 'in-use';
  if (holder.everUsedClaims.includes(claim.claimId)) return 'dead';
  if (claim.claimId === ownClaimId) return 'own';
  return fromInstant(claim.expiresAt) > now ? 'in-progress' : 'stale';
};
