/** An answer as it is kept: sealed under the key of the person it is about, so it ends with their erasure. */
export interface SealedAnswer {
  readonly subject: string;
  readonly keyId: string;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

/**
 * - `begun`: the caller runs the command now and must `finish` or `release`
 * - `running`: somebody runs it
 * - `done`: here is the answer
 * - `other-body`: the key was used with another body
 */
export type BeginResult =
  { readonly state: 'begun' | 'running' | 'other-body' } | { readonly state: 'done'; readonly answer: SealedAnswer };

/**
 * Answers to keyed commands, for 24 hours: a shortcut and the source of 422, not the authority. A row that is lost
 * costs nothing but that. Throws StoreUnavailable.
 */
export interface StoredAnswers {
  /** `execution`, a fresh UUID, names this run: one that outlived its lease cannot touch its successor's. */
  begin(scope: string, bodyMac: string, execution: string): Promise<BeginResult>;
  finish(scope: string, execution: string, answer: SealedAnswer): Promise<void>;
  release(scope: string, execution: string): Promise<void>;
  /** Removes what is older than a day; gives the count. */
  sweep(): Promise<number>;
}
