import { status } from '@grpc/grpc-js';
import { fault, streamDeleted, unhandled } from './fault.ts';
import type { NodeLog } from './node-log.ts';
import { compare, END, isHidden, type LogRecord, type Position } from './record.ts';

type Range<From> = { readonly from: From | 'start' | 'end'; readonly backwards: boolean; readonly count: number };

/** The events, or nothing where the stream is missing or soft-deleted (wire 4.2, 4.3). */
export const readStream = (log: NodeLog, stream: string, { from, backwards, count }: Range<bigint>) => {
  if (log.isTombstoned(stream)) throw streamDeleted(stream);
  if (log.lastRevision(stream) < 0n || log.isSoftDeleted(stream)) return undefined;
  const start = from === 'start' ? 0n : from === 'end' ? log.lastRevision(stream) + (backwards ? 0n : 1n) : from;
  const events = log.readable(stream).filter(({ revision }) => (backwards ? revision <= start : revision >= start));
  return (backwards ? events.reverse() : events).slice(0, count);
};

/** The index of the record that starts at `byte`, the length at the log's end, undefined where no record starts. */
export const indexAt = (log: NodeLog, byte: bigint): number | undefined => {
  const index = log.records.findLastIndex(({ position }) => position <= byte);
  return byte === log.end ? log.records.length : log.records[index]?.position === byte ? index : undefined;
};

/** Refuses numbers that cannot be a position (wire 4.10). */
export const checkPosition = (from: Position): void => {
  if (from.commit < from.prepare || (from.commit >= 2n ** 63n && compare(from, END) !== 0)) throw unhandled();
};

const startIndex = (log: NodeLog, { from, backwards }: Range<Position>): number => {
  if (from === 'start') return 0;
  if (from === 'end' || compare(from, END) === 0) return log.records.length;
  checkPosition(from);
  const isBeyond = from.commit > log.end;
  const index = isBeyond && !backwards ? log.records.length : indexAt(log, from.commit);
  if (index !== undefined) return index;
  throw fault(status.UNKNOWN, `Unexpected ReadAllResult: ${isBeyond ? 'Error' : 'InvalidPosition'}`);
};

/** Forwards includes the start, backwards excludes it (wire 4.8, 4.9). */
export const readAll = (log: NodeLog, range: Range<Position>): LogRecord[] => {
  const [found, step]: [LogRecord[], number] = [[], range.backwards ? -1 : 1];
  for (let at = startIndex(log, range) + Math.min(step, 0); log.records[at] && found.length < range.count; at += step)
    if (!isHidden(log.records[at]!)) found.push(log.records[at]!);
  return found;
};
