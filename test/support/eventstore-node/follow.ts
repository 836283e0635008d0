import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { fault } from './fault.ts';
import type { NodeLog } from './node-log.ts';
import { checkPosition, indexAt } from './reader.ts';
import { compare, END, HEAD, isHidden, positionOf, type LogRecord, type Position } from './record.ts';

export interface Following {
  readonly from: Position | 'start' | 'end';
  readonly accepts: (record: LogRecord) => boolean;
  readonly window: number; // Records that one page of the catch-up looks at.
  readonly interval?: number; // Records from checkpoint to checkpoint; none come without a filter.
  readonly hasKdb710?: boolean; // The defect of the servers 24.2.0 to 24.10.4 (wire 5.10).
}

/** A record is an event, a position is a checkpoint. */
export type Message = 'confirmation' | 'caught-up' | LogRecord | Position;

/** Events that wait for a slow consumer before the server falls back to catching up; also the events of a page. */
const WAITING = 32;

/** Pages from after `start` to the end of the log; answers the new checkpoint. */
const catchUp = function* (log: NodeLog, following: Following, start: Position): Generator<Message, Position> {
  const { accepts, window, interval = Infinity } = following;
  const first = start === HEAD ? 0 : indexAt(log, start.commit);
  if (first === undefined) throw fault(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');
  let checkpoint = start;
  let pageStart: Position = start === HEAD ? { commit: 0n, prepare: 0n } : start;
  let considered = 0;
  for (let index = first, isLast = false; !isLast;) {
    const page: LogRecord[] = [];
    const end = Math.min(index + window, log.records.length);
    for (; index < end && page.length < WAITING; index += 1, considered += 1) {
      const record = log.records[index]!;
      if (!isHidden(record) && accepts(record) && compare(positionOf(record), checkpoint) > 0) page.push(record);
    }
    isLast = index >= log.records.length;
    yield* page;
    if (page.length > 0) checkpoint = positionOf(page.at(-1)!);
    if (isLast || considered >= interval) {
      const isDefect = following.hasKdb710 && checkpoint === HEAD && considered < interval;
      // The start of the page just searched: (X, 0) lies before the record at X.
      if (!isDefect && compare(checkpoint, pageStart) < 0) checkpoint = pageStart;
      considered %= interval;
      yield isDefect ? END : checkpoint;
    }
    pageStart = { commit: log.records[index]?.position ?? log.end, prepare: 0n };
  }
  return checkpoint;
};

const live = async function* (log: NodeLog, following: Following, signal: AbortSignal): AsyncGenerator<Message> {
  const { from, accepts, interval = Infinity } = following;
  if (typeof from === 'object') checkPosition(from);
  const subscribedAt = log.records.length;
  const last = log.lastPosition;
  yield 'confirmation';
  let checkpoint = from === 'start' ? HEAD : from === 'end' || compare(from, END) === 0 ? last : from;
  // Beyond the end is no error: what comes at or below it is passed over in silence (wire 5.12).
  let isBehind = compare(checkpoint, last) < 0;
  for (let index = subscribedAt; ;) {
    if (isBehind) checkpoint = yield* catchUp(log, following, checkpoint);
    isBehind = false;
    yield 'caught-up';
    for (let seen = log.records.length; !isBehind;) {
      if (index >= log.records.length) await once(log.growth, 'grown', { signal });
      if (index >= seen) seen = log.records.length;
      isBehind = log.records.length - seen > WAITING;
      if (isBehind) yield checkpoint;
      const record = log.records[index];
      if (isBehind || !record) continue;
      index += 1;
      if (compare(positionOf(record), checkpoint) < 0) continue;
      if (!isHidden(record) && accepts(record) && compare(positionOf(record), checkpoint) > 0) {
        yield record;
        checkpoint = positionOf(record);
      }
      if ((index - subscribedAt) % interval === 0) yield (checkpoint = positionOf(record));
    }
  }
};

/** What a subscription to `$all` is sent (wire 5); a checkpoint that is not above the one before is left out. */
export const follow = async function* (log: NodeLog, following: Following, signal: AbortSignal) {
  let last = HEAD;
  for await (const message of live(log, following, signal)) {
    if (typeof message === 'object' && 'commit' in message) {
      if (following.interval === undefined || compare(message, last) <= 0) continue;
      last = message;
    }
    yield message;
  }
};
