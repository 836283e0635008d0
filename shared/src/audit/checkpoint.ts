import { HASH_BYTES, type Hash } from './merkle-tree.ts';
import { openNote, type VerifierKey } from './signed-note.ts';

/** What a log was at some size: https://c2sp.org/tlog-checkpoint. */
export interface Checkpoint {
  /** Which log; also the name of its keys. */
  readonly origin: string;
  /** It covers the leaves 0 … `size` − 1. */
  readonly size: number;
  readonly root: Hash;
  /** Further lines: ours has one, which says which leaves are claims; other tools may add theirs. */
  readonly extensions: readonly string[];
}

/** The origin of a Rollbook log, by the log's id. */
export const originOf = (logId: string): string => `rollbook/${logId}`;

const isLine = (line: string): boolean => line !== '' && line.isWellFormed() && !/\p{Cc}/u.test(line);

/** The text that is signed. Throws for what a checkpoint cannot say. */
export const formatCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string => {
  if (!Number.isSafeInteger(size) || size < 0 || root.length !== HASH_BYTES || ![origin, ...extensions].every(isLine))
    throw new TypeError('This is no checkpoint');
  return [origin, String(size), root.toString('base64'), ...extensions].map((line) => `${line}\n`).join('');
};

/** Reads a checkpoint's text; null for anything that `formatCheckpoint` would not write. */
export const parseCheckpoint = (text: string): Checkpoint | null => {
  if (!text.endsWith('\n')) return null;
  const [origin = '', size = '', encoded = '', ...extensions] = text.slice(0, -1).split('\n');
  const root = Buffer.from(encoded, 'base64');
  const clean = root.length === HASH_BYTES && root.toString('base64') === encoded;
  if (!clean || !/^(?:0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return null;
  if (![origin, ...extensions].every(isLine)) return null;
  return { origin, size: Number(size), root, extensions };
};

/** A checkpoint that at least one known key signed under its origin's name. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly signers: readonly VerifierKey[];
}

/** Opens a signed checkpoint; null where it is none, or not signed by a known key of its origin. */
export const openCheckpoint = (note: string, known: readonly VerifierKey[]): OpenedCheckpoint | null => {
  const opened = openNote(note, known);
  const checkpoint = opened && parseCheckpoint(opened.text);
  if (!checkpoint) return null;
  const signers = opened.signers.filter(({ name }) => name === checkpoint.origin);
  return signers.length === 0 ? null : { ...checkpoint, signers };
};
