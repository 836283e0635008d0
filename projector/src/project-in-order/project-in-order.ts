import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition } from '../follow-in-turn/position.ts';
import type { Progress } from '../follow-in-turn/progress.ts';
import { applyPage, type PageTools } from './apply-page.ts';
import type { ReadModel } from './read-model.ts';

export interface ProjectOptions extends FollowerParts {
  readonly keys: KeyRing;
  readonly readModel: ReadModel;
  readonly onParked: PageTools['onParked'];
}

/**
 * Keeps a read model in step with the log until the signal. The events of a page and the new position are one
 * transaction, conditional on the old position: every event is in the tables exactly once, whatever crashes, and
 * however many copies run.
 */
export const projectInOrder = (options: ProjectOptions, progress: Progress, signal: AbortSignal): Promise<void> => {
  const { readModel, pool } = options;
  const follower: Follower = {
    name: readModel.name,
    version: readModel.version,
    handle: (page, move) =>
      withTransaction(pool, async (client) => {
        // First, so that a second copy waits here for the row and then finds that the position has moved.
        await savePosition(client, readModel, move);
        await applyPage(client, page.events, options);
      }),
  };
  return followInTurn(options, follower, progress, signal);
};
