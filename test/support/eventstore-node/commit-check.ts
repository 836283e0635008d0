import type { NodeLog } from './node-log.ts';

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export type Decision =
  | { readonly kind: 'write'; readonly revives: boolean }
  /** Already there: nothing is written, and the answer is success. */
  | { readonly kind: 'known'; readonly first: bigint; readonly last: bigint }
  | { readonly kind: 'wrong-revision' }
  | { readonly kind: 'deleted' };

const WRONG: Decision = { kind: 'wrong-revision' };
const DELETED: Decision = { kind: 'deleted' };

/** Only the memory for ids counts, and it looks at the first id before all others. */
const checkByMemory = (log: NodeLog, stream: string, ids: readonly string[], write: Decision): Decision => {
  const places = ids.map((id) => log.remembered(id, stream)?.revision);
  const [first] = places;
  if (first === undefined) return write;
  const last = places.at(-1);
  return places.includes(undefined) || last === undefined ? WRONG : { kind: 'known', first, last };
};

/** The idempotency table of wire part 2. Data, metadata and type are never compared. */
export const checkCommit = (log: NodeLog, stream: string, expected: Expected, ids: readonly string[]): Decision => {
  if (log.isTombstoned(stream)) return DELETED;
  const current = log.lastRevision(stream);
  const isSoftDeleted = log.isSoftDeleted(stream);
  if (expected === 'stream_exists') {
    if (isSoftDeleted) return DELETED;
    if (current < 0n && log.lastRevision(`$$${stream}`) < 0n) return WRONG;
  }
  const write: Decision = { kind: 'write', revives: isSoftDeleted };
  if (expected === 'any' || expected === 'stream_exists') return checkByMemory(log, stream, ids, write);

  const revision = expected === 'no_stream' ? -1n : expected;
  if (revision > current) return WRONG;
  // No look at the ids: a repeat at the current revision is written a second time.
  if (revision === current) return write;
  const stored = log.stream(stream).slice(Number(revision + 1n));
  const differs = ids.findIndex((id, index) => stored[index]?.id !== id);
  if (differs === 0 && expected === 'no_stream' && isSoftDeleted) return write;
  if (differs >= 0 || ids.length === 0) return WRONG;
  return { kind: 'known', first: revision + 1n, last: revision + BigInt(ids.length) };
};
