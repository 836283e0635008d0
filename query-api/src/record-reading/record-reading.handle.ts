import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
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
import type { Underway } from './underway.ts';

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
  /** What is being recorded now: a reader who asks for the same many times at once has it written once. */
  readonly underway: Underway<Recorded>;
  readonly authority: Pick<QueryAuthority, 'look'>;
}

/** null: it stands in the log. */
type Outcome = Rejection | null;

/** What came of one recording. */
export interface Recorded {
  readonly outcome: Outcome;
  /** The time was up of whoever began it. */
  readonly isLate: boolean;
}

/** What is to stand in the reader's own stream. */
export interface Reading {
  readonly event: AnyNewEvent;
  /** Of the event: the same id is written once. */
  readonly id: string;
}

/** The stream of whoever reads: what they do is recorded there. */
export const streamOfReader = (reader: Reader): string =>
  isService(reader) ? apiKeyStream(reader.id) : signinStream(reader.userId);

/**
 * Makes readings events before anything of them is shown, those that are none yet in one append; null: all of them stand
 * in the log. `since` (ms since 1970): none of them was recorded before. Whatever else comes of it is a reason to show
 * nothing: `reading_unrecorded` where surely nothing was written, `reading_unknown` where that cannot be told, 401 where
 * the reader's session or key has ended meanwhile. In a key's stream nothing is written after its revocation. Ends within
 * some seconds.
 */
export const recordReadings = async (
  ports: RecordReadingPorts,
  reader: Reader,
  context: RequestContext,
  { readings, since }: { readonly readings: readonly Reading[]; readonly since: number },
): Promise<Outcome> => {
  if (readings.length === 0) return null;
  const { clock, underway, turns, authority } = ports;
  const began = clock.now();
  const until = began + LIMIT;
  const stream = streamOfReader(reader);
  const mine = { isBegun: false };
  const work = async (): Promise<Recorded> => {
    mine.isBegun = true;
    let written: Outcome = reject('reading_unrecorded');
    await turns.run(stream, async () => {
      written = await append(ports, reader, context, { readings, since, until });
    });
    return { outcome: written, isLate: clock.now() >= until };
  };
  const join = (): Promise<Recorded> => underway.join([stream, ...readings.map(({ id }) => id)].join(' '), work);
  let recorded = await join();
  // The time of another was up: whoever joined them later has some left.
  while (recorded.outcome !== null && recorded.isLate && !mine.isBegun && clock.now() < until) recorded = await join();
  const { outcome } = recorded;
  if (outcome !== null || clock.now() - began < FRESH) return outcome;
  const still = await authority.look(context.bearer, 'log');
  return isRejection(still) ? still : null;
};

const append = async (
  { log, clock, random }: RecordReadingPorts,
  reader: Reader,
  context: RequestContext,
  { readings, since, until }: { readings: readonly Reading[]; since: number; until: number },
): Promise<Outcome> => {
  const stream = streamOfReader(reader);
  const told = { outcome: true };
  try {
    return await inRounds<Outcome>({ clock, random, limit: until - clock.now() }, async () => {
      const { events, end } = await readSince(log, stream, since);
      const known = new Set(events.map(({ id }) => id));
      const missing = readings.filter(({ id }) => !known.has(id));
      const [first] = missing;
      if (first === undefined) return null;
      if (events.some(({ type }) => type === 'ApiKeyRevoked')) return reject('api_key_invalid');
      const [news, ids] = [missing.map(({ event }) => event), missing.map(({ id }) => id)];
      try {
        const { outcome } = await log.append(stream, end, news, writeContextOf(reader, context, first.id), ids);
        return outcome === 'conflict' ? AGAIN : null;
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
