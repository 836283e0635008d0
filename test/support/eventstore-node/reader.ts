import { streamDeleted, unexpectedRead, unhandled } from './fault.ts';
import type { NodeLog } from './node-log.ts';
import { compare, END, isHidden, type LogRecord, type Position } from './record.ts';

export interface StreamRead {
  readonly stream: string;
  readonly from: bigint | 'start' | 'end';
  readonly backwards: boolean;
  readonly count: number;
}

/** The events, or nothing where the stream is missing or soft-deleted (wire 4.2, 4.3). */
export const readStream = (log: NodeLog, { stream, from, backwards, count }: StreamRead): LogRecord[] | undefined => {
  if (log.isTombstoned(stream)) throw streamDeleted(stream);
  if (log.lastRevision(stream) < 0n || log.isSoftDeleted(stream)) return undefined;
  const readable = log.readable(stream);
  const isInside = ({ revision }: LogRecord): boolean => {
    if (from === 'start') return !backwards || revision === 0n;
    if (from === 'end') return backwards;
    return backwards ? revision <= from : revision >= from;
  };
  const events = readable.filter(isInside);
  return (backwards ? events.reverse() : events).slice(0, count);
};

export interface AllRead {
  readonly from: Position | 'start' | 'end';
  readonly backwards: boolean;
  readonly count: number;
}

/** The index of the record that starts at `byte`, the length at the log's end, undefined where no record starts. */
export const indexAt = (log: NodeLog, byte: bigint): number | undefined => {
  if (byte === log.end) return log.records.length;
  const index = log.records.findIndex(({ position }) => position === byte);
  return index < 0 ? undefined : index;
};

/** As the server refuses a position whose numbers cannot be one (wire 4.10). */
export const checkPosition = (from: Position): void => {
  if (compare(from, END) === 0) return;
  if (from.commit < from.prepare || from.commit >= 2n ** 63n) throw unhandled();
};

const startIndex = (log: NodeLog, { from, backwards }: AllRead): number => {
  if (from === 'start') return 0;
  if (from === 'end' || compare(from, END) === 0) return log.records.length;
  checkPosition(from);
  if (from.commit > log.end) {
    if (backwards) throw unexpectedRead('Error');
    return log.records.length;
  }
  const index = indexAt(log, from.commit);
  if (index === undefined) throw unexpectedRead('InvalidPosition');
  return index;
};

/** Forwards includes the start, backwards excludes it (wire 4.8, 4.9). */
export const readAll = (log: NodeLog, request: AllRead): LogRecord[] => {
  const index = startIndex(log, request);
  const records = request.backwards ? log.records.slice(0, index).reverse() : log.records.slice(index);
  return records.filter((record) => !isHidden(record)).slice(0, request.count);
};
