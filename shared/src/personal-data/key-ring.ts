/** A subject's key as the ring holds it. */
export interface SubjectKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/**
 * The keys of the people (and of the days). A destroyed key leaves a tombstone that is never replaced; a missing one
 * is a fault. Adapters: PostgreSQL (`postgres-key-ring.ts`) and memory for tests; one contract suite.
 */
export interface KeyRing {
  /** Makes the subject's key if there is none, committed before it returns. 'destroyed' when there is a tombstone. */
  ensure(subject: string): Promise<SubjectKey | 'destroyed'>;
  /** As `ensure` for each of them; every subject asked for is in the answer. */
  ensureMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed'>>;
  find(subject: string): Promise<SubjectKey | 'destroyed' | 'missing'>;
  /** Several at once; every subject asked for is in the answer. */
  findMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed' | 'missing'>>;
  /** Leaves a tombstone with the position of the event that ordered it (null for a day's key). Idempotent. */
  destroy(subject: string, position: string | null): Promise<void>;
}

/** Which key a subject has or had. */
export interface KeyIds {
  /** null for a subject that never had a key. A tombstone keeps the id. */
  keyIdOf(subject: string): Promise<string | null>;
}

/** The subject for what concerns no known person: one key a UTC day, destroyed after 30 days. */
export const daySubject = (instant: string): string => `day-${instant.slice(0, 10)}`;
