import type { WriteContext } from '@rollbook/shared/event-log/event-log';
import type { Append, AppendResult, EventStore } from '@rollbook/shared/event-log/port';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { sealEvents } from '@rollbook/shared/event-log/seal-event';
import type { UnplacedEvent } from '@rollbook/shared/event-log/event';
import type { Random } from '@rollbook/shared/kernel/random';
import type { KeyRing, SubjectKey } from '@rollbook/shared/personal-data/key-ring';
import type { Life, LivedEvent, LivedStream } from './life.ts';

export interface WriteParts {
  readonly store: Pick<EventStore, 'appendMany'>;
  readonly keys: KeyRing;
  readonly random: Random;
}

/** What became of some people. */
export interface Written {
  readonly people: number;
  readonly events: number;
  /** People whose address or username somebody else holds, or whose registration was given up meanwhile. */
  readonly skipped: number;
}

type Ring = Pick<KeyRing, 'ensure'>;

/**
 * Brings people into the log: keys, claims, their own streams, sign-ins, each stage when the one before is durable. So
 * whatever ends the program, nobody is there without their names or their key. Event ids come from the plan: to do it
 * again writes what is missing and nothing twice. Throws what the log throws.
 */
export const writePeople = async (lives: readonly Life[], { store, keys, random }: WriteParts): Promise<Written> => {
  const made = await keys.ensureMany(lives.map(({ userId }) => userId));
  const ring: Ring = { ensure: (subject) => Promise.resolve(keyIn(made, subject)) };
  const seal = (streams: readonly LivedStream[]): Promise<readonly Append[]> =>
    Promise.all(streams.map((stream) => sealStream(stream, ring, random)));
  let events = 0;
  const write = async (streams: readonly LivedStream[]): Promise<readonly AppendResult[]> => {
    if (streams.length === 0) return [];
    const results = await store.appendMany(await seal(streams));
    for (const [index, { outcome }] of results.entries())
      if (outcome === 'stored') events += streams[index]?.events.length ?? 0;
    return results;
  };
  // Who was erased since an earlier run stays erased.
  const living = lives.filter(({ userId }) => made.get(userId) !== 'destroyed');
  const claims = await write(living.flatMap((life) => life.claims));
  const named = living.filter((_life, index) => !isLost(claims[2 * index]) && !isLost(claims[2 * index + 1]));
  const own = await write(named.map((life) => life.own));
  const there = named.filter((_life, index) => !isLost(own[index]));
  await write(there.flatMap((life) => life.signIns));
  return { people: there.length, events, skipped: lives.length - there.length };
};

const isLost = (result: AppendResult | undefined): boolean => result === undefined || result.outcome === 'conflict';

const keyIn = (made: ReadonlyMap<string, SubjectKey | 'destroyed'>, subject: string): SubjectKey | 'destroyed' => {
  const key = made.get(subject);
  if (key === undefined) throw new RangeError(`Nobody made a key for ${subject}`);
  return key;
};

/** The stream as one append, each command's events with their own time. */
const sealStream = async ({ stream, events }: LivedStream, keys: Ring, random: Random): Promise<Append> => {
  const sealed: UnplacedEvent[] = [];
  for (const lived of byCommand(events)) {
    const [first] = lived;
    if (first === undefined) continue;
    const last = sealed.at(-1);
    const end = last
      ? { revision: last.revision, hash: last.metadata.hash, recordedAt: last.recordedAt }
      : EMPTY_STREAM;
    const tools = { keys, random, now: first.at };
    const news = lived.map(({ event }) => event);
    sealed.push(...(await sealEvents(stream, end, news, contextOf(first), undefined, tools)));
  }
  return { stream, expectedRevision: EMPTY_STREAM.revision, events: sealed };
};

/** Events of one command are one append of a service: their ids count within it. */
const byCommand = (events: readonly LivedEvent[]): readonly (readonly LivedEvent[])[] => {
  const groups: LivedEvent[][] = [];
  for (const lived of events) {
    const group = groups.at(-1);
    if (group?.[0]?.commandId === lived.commandId) group.push(lived);
    else groups.push([lived]);
  }
  return groups;
};

const contextOf = ({ actor, origin, commandId }: LivedEvent): WriteContext => ({
  actor,
  origin,
  requestId: 'seed',
  correlationId: 'seed',
  causationId: null,
  commandId,
});
