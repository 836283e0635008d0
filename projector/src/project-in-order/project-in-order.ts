import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import type { FollowOptions, LogPage } from '@rollbook/shared/event-log/port';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition } from '../follow-in-turn/position.ts';
import { saveTogether } from '../follow-in-turn/save-together.ts';
import { readAhead } from '../follow-in-turn/read-ahead.ts';
import type { Progress } from '../follow-in-turn/progress.ts';
import { applyOpened, openConcerned, type PageTools } from './apply-page.ts';
import type { MaybeOpened } from './open-each.ts';
import type { ReadModel } from './read-model.ts';

export interface ProjectOptions extends FollowerParts {
  readonly keys: KeyRing;
  readonly readModel: ReadModel;
  readonly onParked: PageTools['onParked'];
}

/** Events in a page while the read model is far behind. */
export const BULK = 4_000;

/**
 * How the log is read by who is far behind. Where the store cannot count what a filter leaves out, everything is fetched:
 * the follower's number of events must be that of the log.
 */
export const farBehind = (
  { store, readModel }: Pick<PageTools, 'store' | 'readModel'>,
  limit = BULK,
): Pick<FollowOptions, 'filter' | 'limit'> => ({ ...(store.countsPassed && { filter: readModel.filter }), limit });

/** A page, and what it says to the read model. */
export interface OpenedPage extends LogPage {
  readonly opened: readonly MaybeOpened[];
}

/** The pages of the log: while one is applied the next is opened, and the one after that is read. */
export const openedPages = (
  { store, ...tools }: Pick<PageTools, 'store' | 'keys' | 'readModel'>,
  options: FollowOptions,
): AsyncIterable<OpenedPage> => {
  const open = async function* (): AsyncGenerator<OpenedPage, void> {
    for await (const page of readAhead(store.follow(options)))
      yield { ...page, opened: await openConcerned(page.events, tools) };
  };
  return readAhead(open());
};

/**
 * Keeps a read model in step with the log until the signal. The events of a page and the new position are one
 * transaction, conditional on the old position: every event is in the tables exactly once, whatever crashes, and
 * however many copies run.
 */
export const projectInOrder = (options: ProjectOptions, progress: Progress, signal: AbortSignal): Promise<void> => {
  const { readModel, pool } = options;
  const follower: Follower<OpenedPage> = {
    name: readModel.name,
    version: readModel.version,
    behind: farBehind(options),
    pages: (following) => openedPages(options, following),
    handle: (page, move, { version }) => {
      const tools = { ...options, readModel: { ...readModel, version } };
      // Most pages concern one read model of several: the others only note how far they are.
      if (page.opened.length === 0) return saveTogether(pool, tools.readModel, move);
      return withTransaction(pool, async (client) => {
        // First, so that a second copy waits here for the row and then finds that the position has moved.
        await savePosition(client, tools.readModel, move);
        await applyOpened(client, page.opened, tools);
      });
    },
  };
  return followInTurn(options, follower, progress, signal);
};
