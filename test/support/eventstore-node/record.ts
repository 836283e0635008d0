/** A place in the log; compared by commit, then by prepare. Every record of ours has both equal. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** What a client wants to store. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** What the log holds: `position` is its first byte, the next record starts `size` later. */
export interface LogRecord extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly size: bigint;
  /** In ms since 1970. */
  readonly created: number;
}

/** The revision of a tombstone, and the `$tb` of a soft-deleted stream. */
export const DELETED = 2n ** 63n - 1n;
/** What the wire calls the end of the log, whatever the log holds. */
export const END: Position = { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n };
/** Before every record. */
export const HEAD: Position = { commit: -1n, prepare: -1n };

export const compare = (a: Position, b: Position): number => {
  const difference = a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

export const positionOf = (record: LogRecord): Position => ({ commit: record.position, prepare: record.position });

/** Bytes that count against the limit of an append (wire 2.7). */
export const countedBytes = ({ data, metadata, type }: Proposed): number =>
  data.length + metadata.length + 2 * type.length;

/** Records that take up a place in the log and are in no `$all` (wire 4.7). */
export const isHidden = ({ stream }: LogRecord): boolean =>
  stream === '$epoch-information' || /^\$persistentsubscription-\$all::.*-(checkpoint|parked)$/.test(stream);

interface StoredRecord extends Omit<LogRecord, 'data' | 'metadata' | 'revision' | 'position' | 'size'> {
  readonly data: string;
  readonly metadata: string;
  readonly revision: string;
}

/** One line of the file: what was written together, and so is read together or not at all. */
export const toLine = (records: readonly LogRecord[]): string =>
  `${JSON.stringify(
    records.map(({ position: _, size: __, ...record }): StoredRecord => ({
      ...record,
      revision: String(record.revision),
      data: record.data.toString('base64'),
      metadata: record.metadata.toString('base64'),
    })),
  )}\n`;

export const fromLine = (line: string): Omit<LogRecord, 'position' | 'size'>[] =>
  (JSON.parse(line) as StoredRecord[]).map((record) => ({
    ...record,
    revision: BigInt(record.revision),
    data: Buffer.from(record.data, 'base64'),
    metadata: Buffer.from(record.metadata, 'base64'),
  }));
