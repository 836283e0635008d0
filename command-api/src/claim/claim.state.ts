import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';

export type ClaimKind = 'email' | 'username';

/** The last claim of a claim stream. Earlier ones are history. */
export interface Claim {
  readonly claimId: string;
  readonly userId: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export const lastClaim = (events: readonly AnyEvent[]): Claim | null => {
  const last = events.at(-1);
  if (last?.type !== 'EmailClaimed' && last?.type !== 'UsernameClaimed') return null;
  return { claimId: last.id, userId: last.data.userId, expiresAt: last.data.expiresAt };
};
