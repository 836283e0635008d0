import type { AnyEvent, AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { apiKeyStream, signinStream } from '@rollbook/shared/contracts/streams';
import { OutcomeUnknown, StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { readSince } from '@rollbook/shared/event-log/read-since';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Turns } from '@rollbook/shared/kernel/turns';
import { isService, type QueryAuthority, type Reader } from '../read-model/query-authority.ts';

/** ms after which no further try begins; the last one may take as long as the log's own deadline. */
const LIMIT = 4 * SECOND;
/** ms: a caller who was looked at longer ago than this is looked at again before anything is shown. */
const FRESH = 500;

export interface RecordReadingPorts {
  readonly log: Pick<EventLog, 'read' | 'append'>;
  readonly clock: Clock;
  readonly random: Random;
  /** By stream, so that requests of one reader do not race each other within this process. */
  readonly turns: Turns;
  readonly authority: Pick<QueryAuthority, 'look'>;
}

/** What is to stand in the reader's own stream. */
export interface Reading {
  readonly event: AnyNewEvent;
  /** Of the event: the same id is written once. */
  readonly id: string;
  /** ms since 1970: no event of this id was recorded before. */
  readonly since: number;
}

/** The stream of whoever reads: what they do is recorded there. */
export const streamOfReader = (reader: Reader): string =>
  isService(reader) ? apiKeyStream(reader.id) : signinStream(reader.userId);

/**
 * Makes a reading an event before anything of it is shown, and gives that event as it stands in the log. Whatever else
 * comes of it is a reason to show nothing: `reading_unrecorded` where surely nothing was written, `reading_unknown` where
 * that cannot be told, 401 where the reader's session or key has ended meanwhile. In a key's stream nothing is written
 * after its revocation. Ends within some seconds.
 */
export const recordReading = async (
  ports: RecordReadingPorts,
  reader: Reader,
  context: RequestContext,
  reading: Reading,
): Promise<AnyEvent | Rejection> => {
  const began = ports.clock.now();
  const recorded = await inTurn(ports, reader, context, reading);
  if (isRejection(recorded) || ports.clock.now() - began < FRESH) return recorded;
  const still = await ports.authority.look(context.bearer, 'log');
  return isRejection(still) ? still : recorded;
};

const inTurn = async (
  ports: RecordReadingPorts,
  reader: Reader,
  context: RequestContext,
  reading: Reading,
): Promise<AnyEvent | Rejection> => {
  const until = ports.clock.now() + LIMIT;
  let outcome: AnyEvent | Rejection = reject('reading_unrecorded');
  await ports.turns.run(streamOfReader(reader), async () => {
    outcome = await append(ports, reader, writeContextOf(reader, context, reading.id), reading, until);
  });
  return outcome;
};

const append = async (
  { log, clock, random }: RecordReadingPorts,
  reader: Reader,
  context: WriteContext,
  { event, id, since }: Reading,
  until: number,
): Promise<AnyEvent | Rejection> => {
  const stream = streamOfReader(reader);
  const told = { outcome: true };
  try {
    return await inRounds<AnyEvent | Rejection>({ clock, random, limit: until - clock.now() }, async () => {
      const { events, end } = await readSince(log, stream, since);
      const own = events.find((one) => one.id === id);
      if (own) return own;
      if (events.some(({ type }) => type === 'ApiKeyRevoked')) return reject('api_key_invalid');
      try {
        await log.append(stream, end, [event], context, [id]);
      } catch (fault) {
        if (!(fault instanceof OutcomeUnknown)) throw fault;
        // The next round finds it, or writes it under the same id.
        told.outcome = false;
      }
      return AGAIN;
    });
  } catch (fault) {
    if (!(fault instanceof StoreUnavailable)) throw fault;
    return reject(told.outcome ? 'reading_unrecorded' : 'reading_unknown');
  }
};

const writeContextOf = (
  reader: Reader,
  { origin, requestId, correlationId }: RequestContext,
  id: string,
): WriteContext => ({
  actor: isService(reader) ? { kind: 'service', id: reader.id } : { kind: 'person', id: reader.userId },
  origin,
  requestId,
  correlationId,
  causationId: null,
  commandId: id,
});
