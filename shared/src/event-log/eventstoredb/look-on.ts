import { OtherLog } from '../errors.ts';
import type { Position } from '../event.ts';
import { later } from './log-place.ts';
import { probe, readLogPart, type ReadParts } from './read-records.ts';
import { isNoPlace } from './server-fault.ts';
import type { Wanted } from './server-filter.ts';

/** Records that one look takes in. */
const LOOK = 64;
/** ms between two looks while nothing comes: with the look itself, within the port's 250 ms. */
export const BEAT = 180;
/** ms before the first look after something came: sooner, so that the end is known soon. */
export const FIRST_BEAT = 40;
/** How long (ms) a subscription may owe a record that a look shows. */
export const PATIENCE = 2_000;

export interface Look {
  readonly after: Position | null;
  /** How far the subscription says it has come. */
  readonly passed: Position | null;
  readonly wanted: Wanted;
}

export interface Seen {
  /** As far as nothing that is wanted stands in between. */
  readonly position: Position | null;
  /** Nothing that is wanted comes after it. */
  readonly atEnd: boolean;
  /** Where the log ended; undefined where it goes on for longer than one look. */
  readonly end: Position | null | undefined;
}

/**
 * How far the log goes on without a wanted record. Proves that the server lives, moves the position over what others
 * write, and shows what the subscription owes. Throws OtherLog, StoreUnavailable.
 */
export const lookOn = async (parts: ReadParts, { after, passed, wanted }: Look): Promise<Seen> => {
  let position = after;
  if (passed !== null && (after === null || passed > after)) position = later(after, await recordBefore(parts, passed));
  const records = await readLogPart(parts, { from: position ?? 'start', direction: 'forwards', count: LOOK });
  // The record at the position itself comes first, unless it was scavenged; none at all may mean a shorter log.
  if (records.length === 0 && position !== null) await probe(parts, position);
  const end = records.length < LOOK ? later(position, records.at(-1)?.place ?? null) : undefined;
  for (const record of records) {
    if (position !== null && record.place <= position) continue;
    if (wanted.isWanted(record)) return { position, atEnd: false, end };
    position = record.place;
  }
  return { position, atEnd: end !== undefined, end };
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
