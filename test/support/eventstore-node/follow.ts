import { invalidPosition } from './fault.ts';
import type { NodeLog } from './node-log.ts';
import { checkPosition, indexAt } from './reader.ts';
import { compare, END, HEAD, isHidden, positionOf, type LogRecord, type Position } from './record.ts';

export interface Filter {
  readonly accepts: (record: LogRecord) => boolean;
  /** Records that one page of the catch-up looks at. */
  readonly window: number;
  /** Pages from checkpoint to checkpoint. */
  readonly interval: number;
}

export interface Following {
  readonly from: Position | 'start' | 'end';
  readonly filter: Filter | undefined;
  /** The defect of the servers 24.2.0 to 24.10.4 (wire 5.10). */
  readonly hasKdb710: boolean;
}

export type Message =
  | { readonly kind: 'confirmation' }
  | { readonly kind: 'event'; readonly record: LogRecord }
  | { readonly kind: 'checkpoint'; readonly position: Position }
  | { readonly kind: 'caught-up' };

/** Events that wait for a slow consumer before the server falls back to catching up; also the events of a page. */
const WAITING = 32;

const event = (record: LogRecord): Message => ({ kind: 'event', record });
const higher = (a: Position, b: Position): Position => (compare(a, b) < 0 ? b : a);

/** Pages from after `checkpoint` to the end of the log; answers the new checkpoint. */
const catchUp = function* (log: NodeLog, { filter, hasKdb710, ...following }: Following, start: Position) {
  const { accepts = () => true, window = WAITING, interval = 1 } = filter ?? {};
  const first = start.commit < 0n ? 0 : indexAt(log, start.commit);
  if (first === undefined) throw invalidPosition();
  let checkpoint = start;
  let pageStart: Position = start.commit < 0n ? { commit: 0n, prepare: 0n } : start;
  let considered = 0;
  let sent = 0;
  for (let index = first; ;) {
    const page: LogRecord[] = [];
    const end = Math.min(index + window, log.records.length);
    for (; index < end && page.length < WAITING; index += 1, considered += 1) {
      const record = log.records[index]!;
      if (!isHidden(record) && accepts(record) && compare(positionOf(record), checkpoint) > 0) page.push(record);
    }
    const isLast = index >= log.records.length;
    for (const record of page) {
      yield event(record);
      checkpoint = positionOf(record);
      sent += 1;
    }
    if (isLast || considered >= window * interval) {
      const isDefect =
        hasKdb710 && following.from === 'start' && isLast && sent === 0 && considered < window * interval;
      considered %= window * interval;
      // The start of the page just searched: (X, 0) lies before the record at X.
      if (!isDefect) checkpoint = higher(checkpoint, pageStart);
      yield { kind: 'checkpoint', position: isDefect ? END : checkpoint } satisfies Message;
    }
    if (isLast) return checkpoint;
    pageStart = { commit: log.records[index]!.position, prepare: 0n };
  }
};

const messages = async function* (log: NodeLog, following: Following, signal: AbortSignal): AsyncGenerator<Message> {
  const { filter } = following;
  const { accepts = () => true, window = WAITING, interval = 1 } = filter ?? {};
  if (typeof following.from === 'object') checkPosition(following.from);
  const subscribedAt = log.records.length;
  const { lastPosition } = log;
  yield { kind: 'confirmation' };

  let checkpoint = following.from === 'start' ? HEAD : following.from === 'end' ? lastPosition : following.from;
  if (compare(checkpoint, END) === 0) checkpoint = lastPosition;
  // Beyond the end is no error: what comes at or below it is passed over in silence (wire 5.12).
  let isBehind = compare(checkpoint, lastPosition) < 0;
  let index = subscribedAt;
  while (!signal.aborted) {
    if (isBehind) checkpoint = yield* catchUp(log, following, checkpoint);
    isBehind = false;
    yield { kind: 'caught-up' };
    let seen = log.records.length;
    while (!isBehind && !signal.aborted) {
      if (index >= log.records.length) {
        await log.grown(signal);
        seen = log.records.length;
        continue;
      }
      if (log.records.length - seen > WAITING) {
        yield { kind: 'checkpoint', position: checkpoint };
        isBehind = true;
        continue;
      }
      const record = log.records[index]!;
      const place = positionOf(record);
      index += 1;
      if (compare(place, checkpoint) < 0) continue;
      if (!isHidden(record) && accepts(record) && compare(place, checkpoint) > 0) {
        yield event(record);
        checkpoint = place;
      }
      if ((index - subscribedAt) % (window * interval) === 0) {
        yield { kind: 'checkpoint', position: place };
        checkpoint = place;
      }
    }
  }
};

/** What a subscription to `$all` is sent: no checkpoint without a filter, and none that is not above the one before. */
export const follow = async function* (
  log: NodeLog,
  following: Following,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  let last = HEAD;
  for await (const message of messages(log, following, signal)) {
    if (message.kind === 'checkpoint') {
      if (!following.filter || compare(message.position, last) <= 0) continue;
      last = message.position;
    }
    yield message;
  }
};
