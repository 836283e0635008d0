import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import type { UserResource } from '@rollbook/shared/contracts/user';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { wordsOf } from '../../query-api/src/audit/words.ts';
import { isWithin, type Cut } from '../../query-api/src/get-user/cut.ts';
import { userAsOf } from '../../query-api/src/get-user/user-as-of.ts';
import { changesOf } from '../../query-api/src/user-history/changes.projection.ts';
import { detailsOf } from '../../query-api/src/user-history/details.ts';
import { whereFrom } from '../../query-api/src/user-history/history-entry.ts';
import type { HistoryEntry } from '../../query-api/src/user-history/history.schema.ts';

// What the API shows of a person and what this command shows are the same by being made by the same pure functions. They
// stay where the API's answers are made: no other service has a use for them, and deploy/ may know services.

/** One event of a person's two streams. */
export interface Step extends Pick<HistoryEntry, 'id' | 'type' | 'at' | 'position' | 'request_id' | 'address'> {
  readonly what: string;
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly details: HistoryEntry['details'];
  readonly changes: HistoryEntry['changes'];
}

/** Everything that stands in the log of one person. */
export interface Story {
  readonly steps: readonly Step[];
  /** The person as they were; null where nobody was there. */
  stateAt(cut: Cut): Promise<UserResource | null>;
}

/** The very end of the log. */
export const NOW: Cut = { time: Infinity };

/** The story of a person, or null where there never was one. What was erased reads `[erased]`. Throws StoreUnavailable. */
export const readStory = async (log: Pick<EventLog, 'read'>, userId: string): Promise<Story | null> => {
  const { events: own } = await log.read(userStream(userId));
  if (own.length === 0) return null;
  const { events: signIns } = await log.read(signinStream(userId));
  const erased = own.some(({ type }) => type === 'PersonErased');
  const all = [...changesOf(own), ...withLastLogin(signIns)];
  const steps = all
    .map(({ event, changes }) => toStep(event, changes, erased, userId))
    .sort((a, b) => (a.position < b.position ? -1 : 1));
  return { steps, stateAt: (cut) => userAsOf(log, userId, own, cut) };
};

/** The steps up to the cut. */
export const stepsUntil = (steps: readonly Step[], cut: Cut): readonly Step[] =>
  steps.filter(({ position, at }) => isWithin(cut, { position: position as AnyEvent['position'], recordedAt: at }));

const withLastLogin = (signIns: readonly AnyEvent[]) => {
  let before: string | null = null;
  return signIns.map((event) => {
    if (event.type !== 'SignedIn') return { event, changes: [] };
    const changes = [{ field: 'last_login', before, after: event.recordedAt }];
    before = event.recordedAt;
    return { event, changes };
  });
};

const toStep = (event: AnyEvent, changes: readonly Step['changes'][number][], erased: boolean, id: string): Step => {
  const { actor, requestId } = event.metadata;
  return {
    ...{ id: event.id, type: event.type, at: event.recordedAt, position: event.position, what: wordsOf(event.type) },
    ...{ actor, request_id: requestId },
    address: whereFrom(event, { hidden: false, gone: erased && actor.id === id }).address,
    details: detailsOf(event),
    changes: [...changes],
  };
};
