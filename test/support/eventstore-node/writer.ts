import { checkCommit, type Expected } from './commit-check.ts';
import { streamDeleted, wrongRevision } from './fault.ts';
import type { NodeLog } from './node-log.ts';
import { DELETED, type LogRecord, type Proposed } from './record.ts';

export type Appended =
  | { readonly kind: 'success'; readonly revision: bigint; readonly position: bigint | undefined }
  | { readonly kind: 'wrong-revision'; readonly current: bigint }
  | { readonly kind: 'deleted' }
  /** The server fails to build its answer, and sends none. */
  | { readonly kind: 'no-answer' };

export const append = (log: NodeLog, stream: string, expected: Expected, events: readonly Proposed[]): Appended => {
  const ids = events.map(({ id }) => id);
  const decision = checkCommit(log, stream, expected, ids);
  const current = log.lastRevision(stream);
  switch (decision.kind) {
    case 'deleted':
      return decision;
    case 'wrong-revision':
      return { kind: 'wrong-revision', current };
    case 'known': {
      if (decision.last < decision.first - 1n) return { kind: 'no-answer' };
      const stored = log.readable(stream).find(({ revision }) => revision === decision.last);
      return { kind: 'success', revision: decision.last, position: stored?.position };
    }
    case 'write': {
      const last = log.write(stream, events);
      if (decision.revives && last) log.writeMetadata(stream, `{"$tb":${current + 1n}}`);
      return { kind: 'success', revision: log.lastRevision(stream), position: last?.position };
    }
  }
};

const KINDS = { no_stream: -1n, any: -2n, stream_exists: -4n } as const;

const checkDeletion = (log: NodeLog, stream: string, expected: Expected): void => {
  const decision = checkCommit(log, stream, expected, ['']);
  if (decision.kind === 'deleted') throw streamDeleted(stream);
  if (decision.kind === 'write') return;
  throw wrongRevision(stream, typeof expected === 'bigint' ? expected : KINDS[expected], log.lastRevision(stream));
};

/** Soft delete: one metadata event that holds `$tb` alone, so that other keys are lost. */
export const deleteStream = (log: NodeLog, stream: string, expected: Expected): LogRecord => {
  checkDeletion(log, stream, expected);
  if (log.lastRevision(stream) < 0n && log.lastRevision(`$$${stream}`) < 0n) {
    throw wrongRevision(stream, typeof expected === 'bigint' ? expected : KINDS[expected], -1n);
  }
  return log.writeMetadata(stream, `{"$tb":${DELETED}}`);
};

export const tombstoneStream = (log: NodeLog, stream: string, expected: Expected): LogRecord => {
  checkDeletion(log, stream, expected);
  return log.writeTombstone(stream);
};
