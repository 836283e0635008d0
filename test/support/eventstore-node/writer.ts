import { streamDeleted, wrongRevision } from './fault.ts';
import type { NodeLog } from './node-log.ts';
import { DELETED, type LogRecord, type Proposed } from './record.ts';

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

/** `known`: already there, so that nothing is written and the answer is success. */
type Decision = 'write' | 'wrong-revision' | 'deleted' | { readonly known: bigint; readonly first: bigint };

/** Only the memory for ids counts, and it looks at the first id before all others. */
const checkByMemory = (log: NodeLog, stream: string, ids: readonly string[]): Decision => {
  const places = ids.map((id) => log.remembered(id, stream)?.revision);
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined) return 'write';
  return places.includes(undefined) || last === undefined ? 'wrong-revision' : { known: last, first };
};

/** The idempotency table of wire part 2. Data, metadata and type are never compared. */
const check = (log: NodeLog, stream: string, expected: Expected, ids: readonly string[]): Decision => {
  if (log.isTombstoned(stream)) return 'deleted';
  const current = log.lastRevision(stream);
  if (expected === 'stream_exists') {
    if (log.isSoftDeleted(stream)) return 'deleted';
    if (current < 0n && log.lastRevision(`$$${stream}`) < 0n) return 'wrong-revision';
  }
  if (expected === 'any' || expected === 'stream_exists') return checkByMemory(log, stream, ids);
  const revision = expected === 'no_stream' ? -1n : expected;
  // No look at the ids: a repeat at the current revision is written a second time.
  if (revision >= current) return revision === current ? 'write' : 'wrong-revision';
  const stored = log.stream(stream).slice(Number(revision + 1n));
  const differs = ids.findIndex((id, index) => stored[index]?.id !== id);
  if (differs === 0 && expected === 'no_stream' && log.isSoftDeleted(stream)) return 'write';
  if (differs >= 0 || ids.length === 0) return 'wrong-revision';
  return { known: revision + BigInt(ids.length), first: revision + 1n };
};

/** `no-answer`: the server fails to build its answer, and sends none. */
export type Appended =
  | { readonly kind: 'success'; readonly revision: bigint; readonly position: bigint | undefined }
  | { readonly kind: 'wrong-revision'; readonly expected: Expected; readonly current: bigint }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'no-answer' };

export const append = (log: NodeLog, stream: string, expected: Expected, events: readonly Proposed[]): Appended => {
  const current = log.lastRevision(stream);
  const isRevived = log.isSoftDeleted(stream);
  const ids = events.map(({ id }) => id);
  const decision = check(log, stream, expected, ids);
  if (decision === 'deleted') return { kind: 'deleted' };
  if (decision === 'wrong-revision') return { kind: 'wrong-revision', expected, current };
  if (decision === 'write') {
    const last = log.write(stream, events);
    if (isRevived && last) log.writeMetadata(stream, `{"$tb":${current + 1n}}`);
    return { kind: 'success', revision: log.lastRevision(stream), position: last?.position };
  }
  const { known, first } = decision;
  if (known < first - 1n) return { kind: 'no-answer' };
  const position = log.readable(stream).find(({ revision }) => revision === known)?.position;
  return { kind: 'success', revision: known, position };
};

const KINDS = { no_stream: -1n, any: -2n, stream_exists: -4n } as const;

/** With `tombstone` for ever; otherwise one metadata event that holds `$tb` alone, so that other keys are lost. */
export const remove = (log: NodeLog, stream: string, expected: Expected, tombstone: boolean): LogRecord => {
  const decision = check(log, stream, expected, ['']);
  if (decision === 'deleted') throw streamDeleted(stream);
  const current = log.lastRevision(stream);
  const isMissing = !tombstone && current < 0n && log.lastRevision(`$$${stream}`) < 0n;
  if (decision !== 'write' || isMissing) {
    throw wrongRevision(stream, typeof expected === 'bigint' ? expected : KINDS[expected], current);
  }
  return tombstone ? log.writeTombstone(stream) : log.writeMetadata(stream, `{"$tb":${DELETED}}`);
};
