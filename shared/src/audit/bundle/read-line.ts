import { hash } from 'node:crypto';
import { z } from 'zod';
import {
  BUNDLE_FORMAT,
  besideText,
  canonicalLeaf,
  CHECK_LENGTH,
  checkOf,
  lineText,
  type BundleLine,
  type EventLine,
} from './bundle-line.ts';

/** Why a line could not be read. */
export type LineFault = 'damaged' | 'not-json' | 'other-format' | 'unknown-line' | 'not-exact';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const Header = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  origin: z.string(),
  log_id: z.string(),
  filter: z
    .record(z.string(), z.string())
    .refine((filter) => Object.keys(filter).length > 0)
    .nullable(),
  from_leaf: count,
  before: z.array(hex),
  size: count,
  exported_at: z.string(),
  exporter: z.strictObject({ kind: z.string(), id: z.string().nullable() }),
  keys: z.array(z.string()),
});
const Bare = z.strictObject({ bare: z.strictObject({ from: count, hashes: z.array(hex).min(1) }) });
const Skipped = z.strictObject({
  skipped: z.strictObject({ from: count, to: count, subtrees: z.array(hex).min(1) }),
});
const Checkpoint = z.strictObject({ checkpoint: z.string() });
const OTHERS = z.union([Header, Bare, Skipped, Checkpoint]);

const isText = (value: unknown): value is string => typeof value === 'string';

/** By hand, since a bundle has a million of them: what the verifier reads of an event has the type that it expects. */
const isEventLine = (line: object): line is EventLine => {
  const { event, leaf, hash, position } = line as Partial<EventLine>;
  return (
    typeof event === 'object' &&
    (event as object | null) !== null &&
    Number.isSafeInteger(leaf) &&
    isText(hash) &&
    isText(position) &&
    isText(event.id) &&
    isText(event.stream) &&
    isText(event.type) &&
    isText(event.recordedAt) &&
    Number.isSafeInteger(event.revision) &&
    typeof event.data === 'object' &&
    (event.data as object | null) !== null &&
    typeof event.metadata === 'object' &&
    (event.metadata as object | null) !== null &&
    (event.metadata.previousHash === null || isText(event.metadata.previousHash))
  );
};

/** A line that was read; of an event also the hash of what stands there. */
export interface ReadLine {
  readonly line: BundleLine;
  /** Hex of SHA-256(0x00 ‖ canonical JSON of the event); of other lines ''. */
  readonly leafHash: string;
}

/** Of an event line: before the event. */
const BEFORE = '{"event":';

/** The hash over the event's bytes in the line. The byte before them is made 0x00 meanwhile: no copy, no second call. */
const hashInPlace = (bytes: Buffer, length: number): string => {
  const before = bytes[BEFORE.length - 1] ?? 0;
  bytes[BEFORE.length - 1] = 0;
  const leafHash = hash('sha256', bytes.subarray(BEFORE.length - 1, BEFORE.length + length), 'hex');
  bytes[BEFORE.length - 1] = before;
  return leafHash;
};

/**
 * Reads a line (without its line feed). Every line is written in exactly one way; another spelling of the same values (a
 * member twice, a space, an escape too many) is refused, so that whoever reads it sees what was hashed.
 */
export const readLine = (bytes: Buffer): ReadLine | LineFault => {
  const body = bytes.subarray(0, Math.max(0, bytes.length - CHECK_LENGTH));
  if (bytes.toString('latin1', body.length) !== `,"crc32":"${checkOf(body)}"}`) return 'damaged';
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(`${text}}`);
  } catch {
    return 'not-json';
  }
  if (typeof value !== 'object' || value === null) return 'unknown-line';
  // Bytes that are no UTF-8 were replaced: then the text is not what stands there.
  const isExact = (written: string): boolean => written === text && Buffer.byteLength(text) === body.length;
  if (!('event' in value)) {
    if ('format' in value && value.format !== BUNDLE_FORMAT) return 'other-format';
    const read = OTHERS.safeParse(value);
    if (!read.success) return 'unknown-line';
    return isExact(lineText(read.data)) ? { line: read.data, leafHash: '' } : 'not-exact';
  }
  if (!isEventLine(value)) return 'unknown-line';
  const canonical = canonicalLeaf(value.event);
  if (!isExact(`${BEFORE}${canonical},${besideText(value)}`)) return 'not-exact';
  return { line: value, leafHash: hashInPlace(bytes, Buffer.byteLength(canonical)) };
};
