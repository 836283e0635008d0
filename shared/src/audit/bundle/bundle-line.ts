import { crc32 } from 'node:zlib';
import { canonicalJson, type Json, type JsonObject } from '../../kernel/json.ts';
import type { UnplacedEvent } from '../../event-log/event.ts';

/** The first line says which format it is; a change that a reader could trip over is a new number. */
export const BUNDLE_FORMAT = 'rollbook-audit-bundle/1';

/** What an export was limited to; people by id only. null: it is a full one. */
export type BundleFilter = Readonly<Record<string, string>> | null;

/** The first line of a bundle, and of every part that goes on after it. */
export interface HeaderLine {
  readonly format: typeof BUNDLE_FORMAT;
  /** As the checkpoints name it. */
  readonly origin: string;
  readonly log_id: string;
  readonly filter: BundleFilter;
  /** The first leaf of this part. */
  readonly from_leaf: number;
  /** Of the leaves before it: the roots of the whole subtrees that they are put together from, in hex. */
  readonly before: readonly string[];
  /** How many leaves the checkpoint at the end covers. */
  readonly size: number;
  readonly exported_at: string;
  readonly exporter: { readonly kind: string; readonly id: string | null };
  /** For information only: who checks a bundle takes the key from elsewhere. */
  readonly keys: readonly string[];
}

/** The hashed part of an event: as stored, without `position` and `metadata.hash`. */
export type Leaf = Omit<UnplacedEvent, 'metadata'> & { readonly metadata: Omit<UnplacedEvent['metadata'], 'hash'> };

export interface EventLine {
  readonly event: Leaf;
  readonly leaf: number;
  /** Of the event, in hex. */
  readonly hash: string;
  readonly position: string;
  /** Personal values in the clear, or `[erased]`. Beside the hashed part: nothing proves them. */
  readonly opened?: JsonObject;
}

/** Leaves of which nothing but their hash is told: claims of addresses and names. */
export interface BareLine {
  readonly bare: { readonly from: number; readonly hashes: readonly string[] };
}

/** Leaves that the filter left out: the roots of the whole subtrees that they are put together from. */
export interface SkippedLine {
  readonly skipped: { readonly from: number; readonly to: number; readonly subtrees: readonly string[] };
}

/** The last line: a signed note. */
export interface CheckpointLine {
  readonly checkpoint: string;
}

export type BundleLine = HeaderLine | EventLine | BareLine | SkippedLine | CheckpointLine;

const isSorted = (value: Json): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return (value as readonly Json[]).every(isSorted);
  let last: string | null = null;
  for (const key in value as JsonObject) {
    // RFC 8785 sorts by UTF-16 code units, as `<` does.
    if (last !== null && !(last < key)) return false;
    if (!isSorted((value as JsonObject)[key] as Json)) return false;
    last = key;
  }
  return true;
};

/**
 * As `canonicalJson`, several times faster where the members stand in their order already, as they do in a bundle:
 * RFC 8785 writes strings and numbers as JSON.stringify does.
 */
export const canonicalLeaf = (event: Leaf): string =>
  isSorted(event as unknown as Json) ? JSON.stringify(event) : canonicalJson(event as unknown as Json);

/** `,"crc32":"01234567"}`: of every line, the last bytes. */
export const CHECK_LENGTH = 20;

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

/** CRC-32 over the line up to the comma before `crc32`: finds damage, and proves nothing. */
export const checkOf = (bytes: Uint8Array): string => hex8(crc32(bytes));

/** What stands behind the event in its line. */
export const besideText = ({ leaf, hash, position, opened }: EventLine): string =>
  JSON.stringify({ leaf, hash, position, ...(opened && { opened }) }).slice(1, -1);

/** The one way in which this line is written, but for its check and the line feed. */
export const lineText = (line: BundleLine): string =>
  'event' in line ? `{"event":${canonicalLeaf(line.event)},${besideText(line)}` : JSON.stringify(line).slice(0, -1);

/** The line as it stands in a bundle, with the line feed at its end. */
export const writeLine = (line: BundleLine): string => {
  const text = lineText(line);
  return `${text},"crc32":"${hex8(crc32(text))}"}\n`;
};
