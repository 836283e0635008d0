import type { ReadModel } from '../../../query-api/src/read-model/read-model.ts';
import {
  MOST_COUNTED,
  selectMatches,
  selectUsers,
  type FoundUsers,
} from '../../../query-api/src/list-users/select-users.ts';
import type { ListRequest } from '../../../query-api/src/list-users/list-parameters.ts';

/** What a page asks of the database, as `GET /users` asks it: the page, and the estimate where nobody counts. */
export const askForPage = async (readModel: ReadModel, request: ListRequest): Promise<FoundUsers> => {
  const { found } = await readModel.read<FoundUsers>(selectUsers(request));
  if (found.total !== found.ofGroup && found.total > MOST_COUNTED) await readModel.estimate(selectMatches(request));
  return found;
};
