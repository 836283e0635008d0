import type { AllStreamRecordedEvent, EventStoreDBClient, RecordedEvent } from '@eventstore/db-client';
import type { Clock } from '../../kernel/clock.ts';
import { OtherLog, StoreUnavailable } from '../errors.ts';
import type { Position } from '../event.ts';
import type { Connection } from './connection.ts';
import { toPlace, toPosition } from './log-place.ts';
import { isFinal, isNoPlace, isOfDiscovery, isSilence, isStreamNotFound } from './server-fault.ts';
import { within } from './within.ts';

export interface ReadParts {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Most time (ms) for one read. */
  readonly readLimit: number;
}

/** A record of `$all` with its place as text. */
export type PlacedRecord = AllStreamRecordedEvent & { readonly place: Position };

/** Decisions need the newest state, and a lagging follower's end is not the log's end. */
const COMMON = { requiresLeader: true, resolveLinkTos: false } as const;
const TRIES = 4;
const FIRST_PAUSE = 20;

interface ReadingStream<Item> extends AsyncIterable<Item> {
  on(event: 'error', listener: (fault: unknown) => void): unknown;
  cancel(): Promise<void>;
  destroy(): unknown;
}

const readOnce = async <Item>(
  { clock, readLimit }: ReadParts,
  open: () => ReadingStream<Item>,
  isEnough: (item: Item) => boolean,
): Promise<readonly Item[]> => {
  const stream = open();
  // An error that comes when nobody reads any more would end the process.
  stream.on('error', () => undefined);
  const all: Item[] = [];
  const reading = (async () => {
    for await (const item of stream) {
      all.push(item);
      if (!isEnough(item)) continue;
      leave(stream);
      break;
    }
    return all;
  })();
  try {
    return await within(clock, readLimit, reading);
  } catch (fault) {
    leave(stream);
    throw fault;
  }
};

/** Leaving the loop does not end the call at the server. */
const leave = (stream: ReadingStream<unknown>): void => {
  void stream.cancel().catch(() => undefined);
  stream.destroy();
};

/** Reads, again after what may pass. Throws StoreUnavailable, or the fault of a place that is none. */
const read = async <Item>(
  parts: ReadParts,
  open: (client: EventStoreDBClient) => ReadingStream<Item>,
  enough: () => (item: Item) => boolean = () => () => false,
): Promise<readonly Item[]> => {
  const { connection, clock } = parts;
  for (let failures = 1; ; failures += 1) {
    if (connection.signal.aborted) throw new StoreUnavailable('The log was closed');
    const { client } = connection;
    try {
      const items = await readOnce(parts, () => open(client), enough());
      // Closing ends a read as if it were complete.
      if (isClosed(connection)) throw new StoreUnavailable('The log was closed');
      connection.noteAnswer();
      return items;
    } catch (fault) {
      if (isSilence(fault)) connection.noteSilence(client);
      if (isOfDiscovery(fault)) connection.replace(client);
      if (isStreamNotFound(fault) || isNoPlace(fault)) throw fault;
      if (isFinal(fault) || failures >= (isSilence(fault) ? 2 : TRIES))
        throw new StoreUnavailable('The log cannot be read', { cause: fault });
      await clock.sleep(FIRST_PAUSE * 4 ** (failures - 1), connection.signal);
    }
  }
};

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isClosed = ({ signal }: Connection): boolean => signal.aborted;

export interface StreamPart {
  readonly stream: string;
  readonly from: number | 'start' | 'end';
  readonly direction: 'forwards' | 'backwards';
  readonly count: number;
}

/** Events of one stream; undefined when it has none. Throws StoreUnavailable. */
export const readStreamPart = async (
  parts: ReadParts,
  { stream, from, direction, count }: StreamPart,
): Promise<readonly RecordedEvent[] | undefined> => {
  const fromRevision = typeof from === 'number' ? BigInt(from) : from;
  try {
    const found = await read(parts, (client) =>
      client.readStream(stream, { ...COMMON, fromRevision, direction, maxCount: count }),
    );
    return found.flatMap(({ event }) => event ?? []);
  } catch (fault) {
    if (isStreamNotFound(fault)) return undefined;
    throw fault;
  }
};

export interface LogPart {
  readonly from: Position | 'start' | 'end';
  readonly direction: 'forwards' | 'backwards';
  readonly count: number;
  /** The record by which there are so many bytes is the last. */
  readonly bytes?: number;
}

/** True for the item by which there are so many bytes, not counting the first where that is known already. */
const byBytes =
  (bytes: number, isFirstKnown: boolean) =>
  (): ((item: { readonly event?: { readonly data?: unknown } }) => boolean) => {
    let size = 0;
    let isKnown = isFirstKnown;
    return ({ event }) => {
      if (!isKnown) size += JSON.stringify(event?.data ?? '').length;
      isKnown = false;
      return size >= bytes;
    };
  };

/**
 * Records of the whole log, system records among them: forwards those at and after the place, backwards those before
 * it. Throws OtherLog for a place where no record starts, and backwards for one beyond the end; StoreUnavailable.
 */
export const readLogPart = async (
  parts: ReadParts,
  { from, direction, count, bytes = Infinity }: LogPart,
): Promise<readonly PlacedRecord[]> => {
  const fromPosition = from === 'start' ? 'start' : from === 'end' ? 'end' : toPlace(from);
  try {
    const found = await read(
      parts,
      (client) => client.readAll({ ...COMMON, fromPosition, direction, maxCount: count }),
      bytes === Infinity ? undefined : byBytes(bytes, from !== 'start'),
    );
    return found.flatMap(({ event }) => (event ? [{ ...event, place: toPosition(event.position) }] : []));
  } catch (cause) {
    if (isNoPlace(cause)) throw new OtherLog(`The log has no place ${from}`, { cause });
    throw cause;
  }
};

/** Throws OtherLog when the log does not reach to this place: everything up to it would be passed over in silence. */
export const probe = async (parts: ReadParts, position: Position): Promise<void> => {
  await readLogPart(parts, { from: position, direction: 'backwards', count: 1 });
};
