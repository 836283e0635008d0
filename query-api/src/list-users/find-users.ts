import type { Estimate, ReadModel, Snapshot } from '../read-model/read-model.ts';
import type { ListRequest } from './list-parameters.ts';
import { MOST_COUNTED, selectMatches, selectUsers, type Extent, type FoundUsers } from './select-users.ts';

/**
 * Nobody counts where the planner expects more than this. It estimates a word from about a hundred sampled values, so
 * at 1,000,000 people in steps of 10,000: five of them are no chance hit.
 */
const FAR_MORE = 5 * MOST_COUNTED;

const extentOf = ({ rows, readsTable }: Estimate): Extent => {
  if (rows <= FAR_MORE) return 'unknown';
  return readsTable ? 'most' : 'many';
};

/** Whether there may be many whom no counter knows; a whole address or username leaves one. */
const mayBeMany = ({ filters: { q, created_after, created_before, email, username } }: ListRequest): boolean =>
  (q ?? created_after ?? created_before) !== undefined && (email ?? username) === undefined;

export interface Total {
  readonly items: number;
  readonly isEstimate: boolean;
}

const totalOf = ({ place, pageSize }: ListRequest, { rows, total, ofGroup }: FoundUsers, estimate: Estimate): Total => {
  if (total !== null) return { items: total, isEstimate: total > MOST_COUNTED && total !== ofGroup };
  // The first page that is the last one holds everybody.
  if ('page' in place && place.page === 1 && rows.length <= pageSize) return { items: rows.length, isEstimate: false };
  return { items: Math.min(Math.max(estimate.rows, MOST_COUNTED + 1), ofGroup), isEstimate: true };
};

/** A page and its total: counted up to `MOST_COUNTED`, unless the planner expects far more. Throws StoreUnavailable. */
export const findUsers = async (
  readModel: Pick<ReadModel, 'read' | 'estimate'>,
  request: ListRequest,
): Promise<{ readonly snapshot: Snapshot<FoundUsers>; readonly total: Total }> => {
  const estimate = mayBeMany(request)
    ? await readModel.estimate(selectMatches(request))
    : { rows: 0, readsTable: false };
  const snapshot = await readModel.read<FoundUsers>(selectUsers(request, extentOf(estimate)));
  return { snapshot, total: totalOf(request, snapshot.found, estimate) };
};
