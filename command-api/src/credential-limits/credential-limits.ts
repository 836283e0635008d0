/** What is counted, each on its own. */
export type LimitedKind = 'sign-in' | 'reset' | 'verification' | 'registration';

export interface Attempt {
  readonly kind: LimitedKind;
  /** A person's id, or the digest of a name that nobody has; null: only the address is counted. */
  readonly subject: string | null;
  /** The client's address as the edge read it, or null. */
  readonly address: string | null;
}

/** A place that one attempt holds. */
export interface Slot {
  /** The attempt was no failure: gives the place back, and ends the account's row of failures. */
  giveBack(): Promise<void>;
  /** The password was looked at and is wrong: the place stays taken, and the address has one failure more. */
  failed(): Promise<void>;
  /** As `giveBack`, and from now on the person's attempts from this address have a count of their own (30 days). */
  signedIn(): Promise<void>;
}

/**
 * The limits of attempts to sign in and of requests that send mail: exact, however many instances there are. The place
 * is taken before the work. Throws StoreUnavailable when it cannot be asked: then nobody is let through.
 */
export interface CredentialLimits {
  take(attempt: Attempt): Promise<Slot | { readonly retryAfter: number }>;
  /** After a password reset: opens the person's account to every address again. */
  clear(userId: string): Promise<void>;
  /** Removes what counts no more. */
  sweep(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();
const free: Slot = { giveBack: nothing, failed: nothing, signedIn: nothing };

/** RATE_LIMIT_CREDENTIALS_PER_HOUR=0. */
export const noLimits: CredentialLimits = {
  take: () => Promise.resolve(free),
  clear: nothing,
  sweep: nothing,
};
