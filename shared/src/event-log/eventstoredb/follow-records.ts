import type { Position } from '../event.ts';
import { AllSubscription } from './all-subscription.ts';
import type { LiveTail, RecordPage } from './live-tail.ts';
import { later } from './log-place.ts';
import { BEAT, FIRST_BEAT, lookOn, PATIENCE } from './look-on.ts';
import { probe, type ReadParts } from './read-records.ts';
import { isOfDiscovery, isSilence, NoAnswer } from './server-fault.ts';
import type { Wanted } from './server-filter.ts';
import { OtherLog } from '../errors.ts';

export interface FollowRecords {
  readonly after: Position | null;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
  readonly limit: number;
  readonly onFault: (fault: unknown) => void;
  /** What serves followers at the log's end together; left out for one that goes there alone. */
  readonly tail?: LiveTail;
}

/** How long (ms) a subscription may owe a record that the log shows, at most; the time doubles with every vain try. */
const LONGEST_PATIENCE = 16_000;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

/**
 * Follows `$all`: by a subscription of its own until it has come to the log's end, from there by what it shares with
 * others, and alone again after a fault of that, or further behind than it reaches. After an error, an end or silence a
 * new subscription begins at the last page handed out. Throws OtherLog when the position does not exist in the log, at
 * the start or later: the server itself would pass over what comes without a word (wire 5.12).
 */
export async function* followRecords(parts: ReadParts, options: FollowRecords): AsyncGenerator<RecordPage, void> {
  const { connection, clock } = parts;
  const { signal, onFault, tail } = options;
  let position = options.after;
  let failures = 0;
  while (!signal.aborted) {
    const { client } = connection;
    let isAlone = true;
    try {
      if (position !== null) await probe(parts, position);
      for await (const page of followOnce(parts, { ...options, after: position }, failures)) {
        position = page.position;
        if (page.records.length > 0 || page.atEnd) failures = 0;
        yield page;
        if (tail && (page.atEnd || tail.holds(position))) break;
      }
      isAlone = false;
      for await (const page of tail?.follow({ ...options, after: position }) ?? []) {
        position = page.position;
        if (page.records.length > 0 || page.atEnd) failures = 0;
        yield page;
      }
    } catch (fault) {
      if (isAborted(signal)) return;
      // What is shared may stand elsewhere than we do: the next probe tells.
      if (isAlone && Error.isError(fault) && fault.name === OtherLog.name) throw fault;
      onFault(fault);
      // And it has told the connection itself.
      if (isAlone && isSilence(fault)) connection.noteSilence(client);
      if (isAlone && isOfDiscovery(fault)) connection.replace(client);
      await clock.sleep(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures++), signal);
    }
  }
}

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

async function* followOnce(
  parts: ReadParts,
  { after, wanted, signal, limit }: FollowRecords,
  failures: number,
): AsyncGenerator<RecordPage, void> {
  const { connection, clock } = parts;
  let patience = Math.min(LONGEST_PATIENCE, PATIENCE * 2 ** failures);
  const subscription = new AllSubscription(connection.client, clock, { wanted, after, buffer: limit });
  let position = after;
  let beat = FIRST_BEAT;
  let owedSince: number | undefined;
  try {
    while (!isAborted(signal)) {
      const taken = subscription.take(limit);
      // What a server sends twice, or from before our place, was handed out already.
      const records = taken.filter(
        (record) => wanted.isWanted(record) && (position === null || record.place > position),
      );
      if (taken.length > 0) {
        owedSince = undefined;
        position = later(position, taken.at(-1)?.place ?? null);
        beat = FIRST_BEAT;
        patience = PATIENCE;
        if (records.length > 0) yield { records, position, atEnd: false };
        continue;
      }
      await subscription.wait(beat, signal);
      if (isAborted(signal) || subscription.hasNews()) continue;
      const seen = await lookOn(parts, { after: position, passed: subscription.passed, wanted });
      if (isAborted(signal) || subscription.hasNews()) continue;
      if (seen.position !== position) owedSince = undefined;
      position = seen.position;
      if (seen.atEnd) owedSince = undefined;
      else owedSince ??= clock.now();
      if (owedSince !== undefined && clock.now() - owedSince > patience)
        throw new NoAnswer('The subscription is silent, though the log has more');
      beat = BEAT;
      yield { records: [], position, atEnd: seen.atEnd };
    }
  } finally {
    subscription.close();
  }
}
