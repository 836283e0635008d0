import { deserialize, serialize } from 'node:v8';

/** A place in the log; compared by commit, then by prepare. Every record of ours has both equal. */
export type Position = { readonly commit: bigint; readonly prepare: bigint };

/** What a client wants to store. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** What the log holds: `position` is its first byte, the next record starts `size` later; `created` is in ms since 1970. */
export interface LogRecord extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly size: bigint;
  readonly created: number;
}

/** The revision of a tombstone, and the `$tb` of a soft-deleted stream. */
export const DELETED = 2n ** 63n - 1n;
/** What the wire calls the end of the log, whatever the log holds. */
export const END: Position = { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n };
/** Before every record. */
export const HEAD: Position = { commit: -1n, prepare: -1n };

export const compare = (a: Position, b: Position): number =>
  Number(a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit);
export const positionOf = ({ position }: LogRecord): Position => ({ commit: position, prepare: position });

/** Records that take up a place in the log and are in no `$all` (wire 4.7). */
export const isHidden = ({ stream }: LogRecord): boolean =>
  stream === '$epoch-information' || /^\$persistentsubscription-\$all::.*-(checkpoint|parked)$/.test(stream);

/** One line of the file: what was written together, and so is read together or not at all. */
export const toLine = (records: readonly LogRecord[]): string => `${serialize(records).toString('base64')}\n`;
export const fromLine = (line: string): LogRecord[] => deserialize(Buffer.from(line, 'base64')) as LogRecord[];
