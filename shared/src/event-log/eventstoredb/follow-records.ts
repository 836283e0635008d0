import type { Position } from '../event.ts';
import { AllSubscription } from './all-subscription.ts';
import { later } from './log-place.ts';
import { probe, readLogPart, type PlacedRecord, type ReadParts } from './read-records.ts';
import { isNoPlace, isOfDiscovery, isSilence, NoAnswer } from './server-fault.ts';
import type { Wanted } from './server-filter.ts';
import { OtherLog } from '../errors.ts';

export interface RecordPage {
  readonly records: readonly PlacedRecord[];
  readonly position: Position | null;
  readonly atEnd: boolean;
}

export interface FollowRecords {
  readonly after: Position | null;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
  readonly limit: number;
  readonly onFault: (fault: unknown) => void;
}

/** Between two looks at the log's end while nothing comes (ms): with the look itself, within the port's 250 ms. */
const BEAT = 180;
/** The first look after an event comes sooner, so that the end is known soon. */
const FIRST_BEAT = 40;
/** Records that one look takes in. */
const LOOK = 64;
/** How long (ms) the subscription may owe a record that the log shows; doubles with every vain try. */
const PATIENCE = 2_000;
const LONGEST_PATIENCE = 16_000;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

/**
 * Follows `$all` by subscription; a new one from the last page handed out after an error, an end or silence. Throws
 * OtherLog when the position does not exist in the log, at the start or later: the server itself would pass over what
 * comes without a word (wire 5.12).
 */
export async function* followRecords(parts: ReadParts, options: FollowRecords): AsyncGenerator<RecordPage, void> {
  const { connection, clock } = parts;
  const { signal, onFault } = options;
  let position = options.after;
  let failures = 0;
  while (!signal.aborted) {
    const { client } = connection;
    try {
      if (position !== null) await probe(parts, position);
      for await (const page of followOnce(parts, { ...options, after: position }, failures)) {
        position = page.position;
        if (page.records.length > 0 || page.atEnd) failures = 0;
        yield page;
      }
    } catch (fault) {
      if (isAborted(signal)) return;
      if (Error.isError(fault) && fault.name === OtherLog.name) throw fault;
      onFault(fault);
      if (isSilence(fault)) connection.noteSilence(client);
      if (isOfDiscovery(fault)) connection.replace(client);
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

interface Look {
  readonly after: Position | null;
  /** How far the subscription says it has come. */
  readonly passed: Position | null;
  readonly wanted: Wanted;
}

/**
 * How far the log goes on without a wanted record. Proves that the server lives, moves the position over what others
 * write, and shows what the subscription owes.
 */
const lookOn = async (parts: ReadParts, { after, passed, wanted }: Look): Promise<Omit<RecordPage, 'records'>> => {
  let position = after;
  if (passed !== null && (after === null || passed > after)) position = later(after, await recordBefore(parts, passed));
  const records = await readLogPart(parts, { from: position ?? 'start', direction: 'forwards', count: LOOK });
  // The record at the position itself comes first, unless it was scavenged; none at all may mean a shorter log.
  if (records.length === 0 && position !== null) await probe(parts, position);
  for (const record of records) {
    if (position !== null && record.place <= position) continue;
    if (wanted.isWanted(record)) return { position, atEnd: false };
    position = record.place;
  }
  return { position, atEnd: records.length < LOOK };
};

/**
 * The last record before a checkpoint, which may point between two records, and on some servers at one that was not
 * read yet (wire 5.7, 5.11). null for a checkpoint that is no place of this log: then it is of no use.
 */
const recordBefore = async (parts: ReadParts, checkpoint: Position): Promise<Position | null> => {
  try {
    const [record] = await readLogPart(parts, { from: checkpoint, direction: 'backwards', count: 1 });
    return record?.place ?? null;
  } catch (fault) {
    if (Error.isError(fault) && fault.name === OtherLog.name && isNoPlace(fault.cause)) return null;
    throw fault;
  }
};
