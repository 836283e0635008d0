import type { AppendResult as Answer } from '@eventstore/db-client';
import type { Random } from '../../kernel/random.ts';
import { AppendRefused, OutcomeUnknown, StoreUnavailable } from '../errors.ts';
import { NO_STREAM, type AppendResult } from '../port.ts';
import { isPlace, toPosition } from './log-place.ts';
import { readStreamPart, type ReadParts } from './read-records.ts';
import { actualRevision, isOfDiscovery, isSilence, verdictOf } from './server-fault.ts';
import type { ProposedEvent } from './stored-form.ts';
import { within } from './within.ts';

export interface AppendParts extends ReadParts {
  readonly random: Random;
  /** Most time (ms) for one try. */
  readonly answerLimit: number;
  /** How long (ms) an append is tried before it is given up. */
  readonly deadline: number;
}

/** One append, with the same ids, bytes and exact revision in every try. */
export interface ProposedAppend {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly ProposedEvent[];
}

const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 500;
/** How much later (ms) than the call's own deadline ours comes: for answers that the client never settles. */
const GRACE = 200;

/**
 * Throws OutcomeUnknown, StoreUnavailable (surely nothing was written) or AppendRefused. A retry is safe only because
 * it never asks for a fresh revision: an append at the current revision is not checked for ids (wire 2, the table).
 */
export const appendWithRetries = async (parts: AppendParts, append: ProposedAppend): Promise<AppendResult> => {
  const { clock, random, connection, answerLimit } = parts;
  const until = clock.now() + parts.deadline;
  let maybeWritten = false;
  for (let round = 0; ; round += 1) {
    const timeLeft = until - clock.now();
    const { client } = connection;
    try {
      const answer = await appendOnce(parts, append, Math.min(answerLimit, Math.max(1, timeLeft)));
      connection.noteAnswer();
      return await asStored(parts, append, answer);
    } catch (fault) {
      const verdict = verdictOf(fault);
      if (isSilence(fault)) connection.noteSilence(client);
      if (isOfDiscovery(fault)) connection.replace(client);
      if (verdict === 'wrong-revision') {
        connection.noteAnswer();
        const revision = actualRevision(fault);
        return maybeWritten ? await findOwn(parts, append, revision, fault) : { outcome: 'conflict', revision };
      }
      if (verdict === 'unknown') maybeWritten = true;
      if (verdict === 'refused' && !maybeWritten)
        throw new AppendRefused(`The log does not take an event of ${append.stream}`, { cause: fault });
      // All pauses differ, so that many services do not come back in step.
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** round) * (0.5 + random.fraction() / 2);
      const left = until - clock.now() - pause;
      // A try with too little time would make unknown what is certain.
      const isOver = left <= 0 || (!maybeWritten && left < answerLimit) || connection.signal.aborted;
      if (isOver || verdict === 'refused' || verdict === 'forbidden') throw givenUp(append, maybeWritten, fault);
      await clock.sleep(pause);
    }
  }
};

const givenUp = ({ stream }: ProposedAppend, maybeWritten: boolean, cause: unknown): Error =>
  maybeWritten
    ? new OutcomeUnknown(`It is not known whether the append to ${stream} was written`, { cause })
    : new StoreUnavailable(`The append to ${stream} was not written`, { cause });

/**
 * The plain append call: `credentials` select it (wire 1.9), also where none are sent. The batch stream is never
 * opened, and the server is never asked for its features.
 */
const appendOnce = (
  { connection, clock }: AppendParts,
  { stream, expectedRevision, events }: ProposedAppend,
  deadline: number,
): Promise<Answer> =>
  within(
    clock,
    deadline + GRACE,
    connection.client.appendToStream(stream, [...events], {
      expectedRevision: expectedRevision === NO_STREAM ? 'no_stream' : BigInt(expectedRevision),
      credentials: connection.credentials,
      requiresLeader: true,
      deadline,
    }),
  );

/** The answer's position is that of the last event; where it carries none, the event is read back. */
const asStored = async (parts: AppendParts, append: ProposedAppend, answer: Answer): Promise<AppendResult> => {
  const revision = append.expectedRevision + append.events.length;
  if (answer.position && isPlace(answer.position) && answer.nextExpectedRevision === BigInt(revision))
    return { outcome: 'stored', revision, position: toPosition(answer.position) };
  const found = await readBack(parts, append, (): never => {
    // A deleted stream answers success to ids that it knew, and stores nothing.
    throw new OutcomeUnknown(`The log says that ${append.stream} was written, and does not show it`);
  });
  return found.outcome === 'conflict' ? found : { ...found, outcome: 'stored' };
};

/** After an unknown outcome a wrong revision may be the trace of our own write. */
const findOwn = (parts: AppendParts, append: ProposedAppend, actual: number, cause: unknown): Promise<AppendResult> =>
  readBack(parts, append, () => {
    // Others stand where ours would: nothing of ours can come any more. Otherwise a late try of ours may still fit.
    if (actual > append.expectedRevision) return { outcome: 'conflict', revision: actual };
    throw givenUp(append, true, cause);
  });

const readBack = async (
  parts: AppendParts,
  { stream, expectedRevision, events }: ProposedAppend,
  otherwise: () => AppendResult,
): Promise<AppendResult> => {
  const part = { stream, from: expectedRevision + 1, direction: 'forwards', count: events.length } as const;
  const found = await readStreamPart(parts, part).catch((cause: unknown) => {
    throw new OutcomeUnknown(`It is not known whether the append to ${stream} was written`, { cause });
  });
  const inPlace = events.every(({ id }, index) => {
    const stored = found?.[index];
    return stored?.id === id && stored.revision === BigInt(part.from + index);
  });
  // Somebody deleted the stream, and our append revived it: what stands there was not made for that place.
  if (!inPlace && found?.some(({ id }) => events.some((event) => event.id === id)))
    throw new OutcomeUnknown(`Events of an append stand at another place of ${stream}`);
  if (!inPlace) return otherwise();
  const position = found?.at(-1)?.position;
  return {
    outcome: 'already-stored',
    revision: expectedRevision + events.length,
    position: position && isPlace(position) ? toPosition(position) : undefined,
  };
};
