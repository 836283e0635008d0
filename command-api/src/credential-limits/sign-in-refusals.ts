/** How many sign-ins of a person made no event of their own within one hour. */
export interface RefusedSignIns {
  readonly userId: string;
  /** RFC 3339; the full hour (UTC) that was counted. */
  readonly from: string;
  readonly count: number;
}

/**
 * Counts the sign-ins that are not recorded one by one: refused unseen (`CredentialLimits.take` counts those itself, in
 * the same statement), or failed beyond the most that are recorded. Throws StoreUnavailable.
 */
export interface SignInRefusals {
  /** One more, now. */
  add(userId: string): Promise<void>;
  /** Hours that are over, some at a time; their counts change no more. */
  ended(): Promise<readonly RefusedSignIns[]>;
  remove(refused: RefusedSignIns): Promise<void>;
}
