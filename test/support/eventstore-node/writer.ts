import { streamDeleted, wrongRevision } from './fault.ts';
import { json, type NodeLog } from './node-log.ts';
import { DELETED, type LogRecord, type Proposed } from './record.ts';

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

/** `known`: already there, so that nothing is written and the answer is success. */
type Decision = 'write' | 'wrong-revision' | 'deleted' | { readonly known: bigint; readonly first: bigint };

/** Only the memory for ids counts: the first use of each, if it was in this stream; the first id before all others. */
const checkByMemory = (log: NodeLog, stream: string, events: readonly Pick<Proposed, 'id'>[]): Decision => {
  const places = events
    .map(({ id }) => log.ids.get(id))
    .map((use) => (use?.stream === stream ? use.revision : undefined));
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined) return 'write';
  return places.includes(undefined) || last === undefined ? 'wrong-revision' : { known: last, first };
};

/** The idempotency table of wire part 2. Data, metadata and type are never compared. */
const check = (log: NodeLog, stream: string, expected: Expected, events: readonly Pick<Proposed, 'id'>[]): Decision => {
  if (log.isTombstoned(stream)) return 'deleted';
  const current = log.lastRevision(stream);
  if (expected === 'stream_exists') {
    if (log.isSoftDeleted(stream)) return 'deleted';
    if (current < 0n && log.lastRevision(`$$${stream}`) < 0n) return 'wrong-revision';
  }
  if (expected === 'any' || expected === 'stream_exists') return checkByMemory(log, stream, events);
  const revision = expected === 'no_stream' ? -1n : expected;
  // No look at the ids: a repeat at the current revision is written a second time.
  if (revision >= current) return revision === current ? 'write' : 'wrong-revision';
  const stored = log.stream(stream).slice(Number(revision + 1n));
  const differs = events.findIndex(({ id }, index) => stored[index]?.id !== id);
  if (differs === 0 && expected === 'no_stream' && log.isSoftDeleted(stream)) return 'write';
  if (differs >= 0 || events.length === 0) return 'wrong-revision';
  return { known: revision + BigInt(events.length), first: revision + 1n };
};

export type Success = { readonly kind: 'success'; readonly revision: bigint; readonly position: bigint | undefined };
export type Wrong = { readonly kind: 'wrong-revision'; readonly expected: Expected; readonly current: bigint };
/** `no-answer`: the server fails to build its answer, and sends none. */
export type Appended = Success | Wrong | { readonly kind: 'deleted' } | { readonly kind: 'no-answer' };

const truncate = (log: NodeLog, stream: string, before: bigint): LogRecord =>
  log.write(`$$${stream}`, [json('$metadata', `{"$tb":${before}}`)])!;

export const append = (log: NodeLog, stream: string, expected: Expected, events: readonly Proposed[]): Appended => {
  const current = log.lastRevision(stream);
  const isRevived = log.isSoftDeleted(stream);
  const decision = check(log, stream, expected, events);
  if (decision === 'deleted') return { kind: 'deleted' };
  if (decision === 'wrong-revision') return { kind: 'wrong-revision', expected, current };
  if (decision === 'write') {
    const last = log.write(stream, events);
    if (isRevived && last) truncate(log, stream, current + 1n);
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
  const decision = check(log, stream, expected, [{ id: '' }]);
  if (decision === 'deleted') throw streamDeleted(stream);
  const current = log.lastRevision(stream);
  const isMissing = !tombstone && current < 0n && log.lastRevision(`$$${stream}`) < 0n;
  if (decision !== 'write' || isMissing)
    throw wrongRevision(stream, typeof expected === 'bigint' ? expected : KINDS[expected], current);
  return tombstone ? log.write(stream, [json('$streamDeleted', '')], DELETED)! : truncate(log, stream, DELETED);
};
