import { userStream } from '@rollbook/shared/contracts/streams';
import { OutcomeUnknown, StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { progressTeller } from '@rollbook/shared/process/progress-line';
import { lifeOf, seededUserId, type LifeParts } from './life.ts';
import { seededPerson, type SeedPlan } from './person.ts';
import { writePeople, type WriteParts, type Written } from './write-people.ts';

/** People who go into the log together. */
const CHUNK = 256;
/** Chunks under way at once: the program seals while the database writes. */
const AT_ONCE = 3;
/** Tries of a chunk before the run is given up, and the pause between them, ms. */
const TRIES = 5;
const PAUSE = 1_000;

export interface SeedParts extends WriteParts, LifeParts {
  readonly store: Pick<EventStore, 'appendMany' | 'read' | 'readAll'>;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** Ends the run after what is under way. */
  readonly signal: AbortSignal;
}

/** True when somebody registered besides the first administrator, whom a start makes. */
export const hasPeople = async (store: Pick<EventStore, 'readAll'>): Promise<boolean> => {
  const { events } = await store.readAll({ after: null, filter: { types: ['UserRegistered'] }, limit: 2 });
  return events.some(({ metadata }) => metadata.actor.kind !== 'system' || metadata.requestId !== 'start');
};

/**
 * The first person of the plan that an interrupted run may not have written whole. Chunks end in any order, so it goes
 * back by those that may have been under way; what is there already is not written again.
 */
export const firstMissing = async (store: Pick<EventStore, 'read'>, { seed, users }: SeedPlan): Promise<number> => {
  let [there, missing] = [0, users];
  while (there < missing) {
    const middle = Math.floor((there + missing) / 2);
    const found = await store.read(userStream(seededUserId(seed, middle)), { limit: 1 });
    if (found.length > 0) there = middle + 1;
    else missing = middle;
  }
  return Math.max(0, there - (there % CHUNK) - (AT_ONCE + 1) * CHUNK);
};

/** Writes the people from `first` on. Throws what the log throws when it stays away. */
export const runSeed = async (
  plan: SeedPlan,
  parts: SeedParts,
  first = 0,
): Promise<Written & { readonly next: number }> => {
  const { clock, signal } = parts;
  const tell = progressTeller(clock, parts.say, first);
  let [people, events, skipped, next] = [0, 0, 0, first];
  const told = (always = false): void => {
    tell({ done: first + people + skipped, of: plan.users, what: 'people', rated: events, rateOf: 'events' }, always);
  };
  const lane = async (): Promise<void> => {
    while (next < plan.users && !signal.aborted) {
      const [begin, end] = [next, Math.min(plan.users, next + CHUNK)];
      next = end;
      const lives = Array.from({ length: end - begin }, (_none, index) =>
        lifeOf(seededPerson(plan, begin + index), parts),
      );
      const written = await withRetries(parts, () => writePeople(lives, parts));
      people += written.people;
      events += written.events;
      skipped += written.skipped;
      told();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  told(true);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return { people, events, skipped, next };
};

/** A log that is away for a moment, or whose answer was lost: the same people again, which writes nothing twice. */
const withRetries = async <Result>({ clock, signal }: SeedParts, work: () => Promise<Result>): Promise<Result> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (fault) {
      const passes = fault instanceof StoreUnavailable || fault instanceof OutcomeUnknown;
      if (!passes || tries === TRIES || signal.aborted) throw fault;
      await clock.sleep(PAUSE, signal);
    }
  }
};
