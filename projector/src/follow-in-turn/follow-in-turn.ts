import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { EventStore, FollowOptions, LogFilter, LogPage } from '@rollbook/shared/event-log/port';
import type { Pool } from '@rollbook/shared/sql/pool';
import { leadInTurn, type TurnParts } from './lead-in-turn.ts';
import * as saved from './position.ts';
import { PositionMoved, type FollowerId, type Move } from './position.ts';
import type { Progress } from './progress.ts';
import { walkOn, walkToEnd, type Walk } from './walk.ts';

export interface FollowerParts extends TurnParts {
  readonly pool: Pool;
  readonly store: EventStore;
}

export interface Follower<Page extends LogPage = LogPage> extends FollowerId {
  readonly filter?: LogFilter;
  /** Until it has come to the log's end, the log is read in pages of so many events, and of these only. */
  readonly behind?: Pick<FollowOptions, 'filter' | 'limit'>;
  /** Where its pages come from. Default: the log. */
  readonly pages?: (options: FollowOptions) => AsyncIterable<Page>;
  /** Called once whenever this copy begins to lead, before the first page. The signal says that it leads no more. */
  begin?(leading: AbortSignal): Promise<void>;
  /** Does the page's work and saves `move` for `id` with `savePosition`, in whatever order its promise needs. */
  handle(page: Page, move: Move, id: FollowerId): Promise<void>;
}

/** Milliseconds between two notes that the follower stands at the end. */
const NOTE = 1_000;

/**
 * Follows the log until the signal: one copy at a time, from the saved position, page after page. After a fault it
 * starts over from what is saved, as `leadInTurn` does. Never rejects.
 */
export const followInTurn = <Page extends LogPage>(
  parts: FollowerParts,
  follower: Follower<Page>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> =>
  leadInTurn(parts, progress, signal, async (leading, onProgress) => {
    try {
      await followAsLeader(parts, follower, progress, leading, onProgress);
    } catch (fault) {
      if (fault instanceof OtherLog) await saved.noteOtherLog(parts.pool, follower).catch(parts.onFault);
      throw fault;
    }
  });

const followAsLeader = async <Page extends LogPage>(
  parts: FollowerParts,
  follower: Follower<Page>,
  progress: Progress,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> => {
  if (follower.begin) {
    progress.become('starting');
    await follower.begin(signal);
  }
  const live = async (): Promise<FollowerId> => ({
    name: follower.name,
    version: await saved.liveVersionOf(parts.pool, follower),
  });
  for (let id = await live(); !signal.aborted;) {
    try {
      await followVersion(parts, follower, id, { progress, onProgress, signal });
    } catch (fault) {
      // A version that was built beside this one has taken its place: go on with that.
      const next = fault instanceof PositionMoved ? await live() : id;
      if (next.version === id.version) throw fault;
      id = next;
    }
  }
};

interface Following {
  readonly progress: Progress;
  readonly onProgress: () => void;
  readonly signal: AbortSignal;
}

const followVersion = async <Page extends LogPage>(
  { pool, store, clock, onFault }: FollowerParts,
  follower: Follower<Page>,
  id: FollowerId,
  { progress, onProgress, signal }: Following,
): Promise<void> => {
  const after = await saved.loadPosition(pool, id, await store.logId());
  progress.become('following');
  let notedAt = 0;
  const walk: Walk<Page> = {
    pages: follower.pages ?? ((options) => store.follow(options) as AsyncIterable<Page>),
    signal,
    onFault,
    async handle(page, move, position) {
      if (move) {
        await follower.handle(page, move, id);
        notedAt = clock.now();
      } else if (page.atEnd && clock.now() - notedAt >= NOTE) {
        await saved.noteAtEnd(pool, id, position);
        notedAt = clock.now();
      }
      onProgress();
      progress.handled(position, page.events.at(-1)?.recordedAt ?? null, page.atEnd);
    },
  };
  const near = follower.behind ? await walkToEnd(walk, { ...follower.behind, after }) : after;
  await walkOn(walk, { ...(follower.filter && { filter: follower.filter }), after: near });
};
