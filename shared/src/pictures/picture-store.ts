/** Which stored picture: whose, and which of theirs. Both are UUIDs. */
export interface PictureName {
  readonly owner: string;
  readonly id: string;
}

export interface StoredPicture extends PictureName {
  /** ms since it was stored, by the store's clock or ours; a second or so may be missing. */
  readonly age: number;
}

/**
 * Keeps sealed pictures (`sealed-picture.ts`). Adapters: PostgreSQL, S3, and memory for tests; one contract suite.
 * Every method throws StoreUnavailable where the store does not answer; then it may be called again.
 */
export interface PictureStore {
  /** Durable when it returns. A name is written once: who writes it again writes the same bytes. */
  put(name: PictureName, sealed: Buffer): Promise<void>;
  /** null where there is none. */
  get(name: PictureName): Promise<Buffer | null>;
  /** What is not there is removed already. */
  remove(names: readonly PictureName[]): Promise<void>;
  /** Everything stored of one person. */
  of(owner: string): Promise<readonly StoredPicture[]>;
  /** Everything stored in the last `within` ms (all without it), in pages that are never empty. */
  all(within?: number): AsyncIterable<readonly StoredPicture[]>;
}
