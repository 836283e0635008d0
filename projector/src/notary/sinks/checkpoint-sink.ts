/** A checkpoint on its way out. */
export interface PublishedCheckpoint {
  readonly size: number;
  /** The signed note. */
  readonly note: string;
}

/** A place beyond the reach of whoever can write to the log and the database. */
export interface CheckpointSink {
  /** Its URL without secrets: progress is kept under it. */
  readonly name: string;
  /**
   * Takes it durably. The same one may come again; an older one after a newer only where two copies push for a moment.
   * Bounded in time; ends early at the signal. Throws.
   */
  push(checkpoint: PublishedCheckpoint, signal: AbortSignal): Promise<void>;
}

/** The name of a checkpoint's own file or object: it sorts as the sizes do. */
export const checkpointName = ({ size }: PublishedCheckpoint): string => `${String(size).padStart(16, '0')}.checkpoint`;
