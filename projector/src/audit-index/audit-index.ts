import { GrowingTree } from '@rollbook/shared/audit/merkle-tree';
import { loadTree } from '@rollbook/shared/audit/stored-tree';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition, type FollowerId } from '../follow-in-turn/position.ts';
import { readAhead } from '../follow-in-turn/read-ahead.ts';
import type { Progress } from '../follow-in-turn/progress.ts';
import { requireSameLog } from './require-same-log.ts';
import { writeLeaves } from './write-leaves.ts';

/** Its row in `read_model.projections`. */
export const AUDIT_INDEX: FollowerId = { name: 'audit_index', version: 1 };

/** Events in a page while the index is far behind. */
const BULK = 4_000;

/**
 * Keeps every event of the log as a leaf of the Merkle tree, in the log's order, until the signal: the row of each event,
 * the subtrees that it completes and the position are one transaction. Nothing of it is personal, nothing is parked, and
 * nothing needs a key. An event that is not as it was written stops it: this copy is not ready from then on, and says
 * which event it is.
 */
export const indexAudit = (parts: FollowerParts, progress: Progress, signal: AbortSignal): Promise<void> => {
  let tree = new GrowingTree();
  const follower: Follower = {
    ...AUDIT_INDEX,
    behind: { limit: BULK },
    pages: (options) => readAhead(parts.store.follow(options)),
    async begin() {
      await requireSameLog(parts);
      tree = await loadTree(parts.pool);
    },
    async handle(page, move) {
      const grown = tree.clone();
      await withTransaction(parts.pool, async (client) => {
        // First, so that a second copy waits here for the row and then finds that the position has moved.
        await savePosition(client, AUDIT_INDEX, move);
        if (page.events.length > 0) await writeLeaves(client, grown, page.events);
      });
      tree = grown;
    },
  };
  return followInTurn(parts, follower, progress, signal);
};
