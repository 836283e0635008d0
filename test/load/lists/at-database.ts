import { findUsers } from '../../../query-api/src/list-users/find-users.ts';
import type { ListRequest } from '../../../query-api/src/list-users/list-parameters.ts';
import type { FoundUsers } from '../../../query-api/src/list-users/select-users.ts';
import type { JsonQuery, ReadModel } from '../../../query-api/src/read-model/read-model.ts';

/** What a page asks of the database, as `GET /users` asks it: what the planner expects, where it may be many, and the page. */
export const askForPage = async (readModel: ReadModel, request: ListRequest): Promise<FoundUsers> => {
  const { snapshot } = await findUsers(readModel, request);
  return snapshot.found;
};

/** The statement that is asked in the end. */
export const statementOf = async (readModel: ReadModel, request: ListRequest): Promise<JsonQuery> => {
  let asked: JsonQuery = { text: '', values: [] };
  await findUsers(
    {
      estimate: (query) => readModel.estimate(query),
      read: (query) => {
        asked = query;
        return readModel.read(query);
      },
    },
    request,
  );
  return asked;
};
