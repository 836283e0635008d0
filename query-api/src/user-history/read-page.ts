import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { signinStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { lastSignIn } from '@rollbook/shared/person/last-sign-in';
import { changesOf, type Changed } from './changes.projection.ts';

/** How far a history was shown: only what stands below these revisions of the two streams is still to come. */
export interface Place {
  readonly own: number;
  readonly signIns: number;
}

export interface HistoryRows {
  readonly rows: readonly Changed[];
  /** null: nothing is left. */
  readonly next: Place | null;
}

/** Fences of commands that came to nothing: they change nobody. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['ClaimForfeited', 'RegistrationAbandoned']);

/**
 * One page of what changed somebody and of their sign-ins, the newest first. `own`: all events of the person's own
 * stream. `place`: null for the first page. Throws StoreUnavailable.
 */
export const readPage = async (
  log: Pick<EventLog, 'read'>,
  userId: string,
  own: readonly AnyEvent[],
  { place, size }: { readonly place: Place | null; readonly size: number },
): Promise<HistoryRows> => {
  const below = place?.own ?? Infinity;
  const changed = changesOf(own).filter(({ event }) => event.revision < below && !BOOKKEEPING.has(event.type));
  const signIns = await readSignIns(log, userId, place?.signIns, size + 1);
  const all = [...changed, ...signIns].sort((a, b) => (a.event.position < b.event.position ? 1 : -1));
  const shown = all.slice(0, size);
  const isOwn = ({ event }: Changed): boolean => !event.stream.startsWith('signin-');
  const rows = await withFormerSignIns(log, userId, shown, signIns);
  if (all.length <= size) return { rows, next: null };
  const lastOf = (some: readonly Changed[]): number | undefined => some.at(-1)?.event.revision;
  return {
    rows,
    next: {
      own: lastOf(shown.filter(isOwn)) ?? Math.min(below, (own.at(-1)?.revision ?? -1) + 1),
      signIns: lastOf(shown.filter((row) => !isOwn(row))) ?? (signIns[0]?.event.revision ?? -1) + 1,
    },
  };
};

const readSignIns = async (
  log: Pick<EventLog, 'read'>,
  userId: string,
  below: number | undefined,
  limit: number,
): Promise<readonly Changed[]> => {
  if (below === 0) return [];
  const from = below === undefined ? {} : { from: below - 1 };
  const { events } = await log.read(signinStream(userId), { direction: 'backwards', limit, ...from });
  return events.map((event) => ({ event, changes: [] }));
};

/** A sign-in changes `last_login`, from the one before it. */
const withFormerSignIns = (
  log: Pick<EventLog, 'read'>,
  userId: string,
  shown: readonly Changed[],
  read: readonly Changed[],
): Promise<readonly Changed[]> =>
  Promise.all(
    shown.map(async (row) => {
      const { event } = row;
      if (event.type !== 'SignedIn') return row;
      const near = read.find((one) => one.event.type === 'SignedIn' && one.event.revision < event.revision);
      const former = near?.event ?? (await lastSignIn(log, userId, () => true, read.at(-1)?.event.revision));
      return {
        event,
        changes: [{ field: 'last_login', before: former?.recordedAt ?? null, after: event.recordedAt }],
      };
    }),
  );
