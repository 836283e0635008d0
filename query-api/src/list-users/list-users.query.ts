import { z } from 'zod';
import { holds } from '@rollbook/shared/contracts/permissions';
import { USER_EXAMPLE } from '@rollbook/shared/contracts/user';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { endedByTimeout } from '../read-model/database-faults.ts';
import { pickFields, SomeOfUser } from '../read-model/fields.ts';
import { PAGE_EXAMPLE, Pagination } from '../read-model/paging.ts';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { projectionHeaders, type ReadModel } from '../read-model/read-model.ts';
import { toResource } from '../read-model/user-row.ts';
import { findUsers } from './find-users.ts';
import { ListParameters, listRequestOf, type ListRequest } from './list-parameters.ts';
import { listPagination, rowsOfPage } from './list-pagination.ts';

const mayList = ({ filters }: ListRequest, reader: Reader): boolean =>
  filters.status !== 'erased' || (!isService(reader) && holds(reader.role, 'read_erasures'));

/** A list that is too slow is refused where the caller can help it: then the filters are named. */
const find = async (
  readModel: ReadModel,
  request: ListRequest,
): Promise<Awaited<ReturnType<typeof findUsers>> | Rejection> => {
  try {
    return await findUsers(readModel, request);
  } catch (fault) {
    const given = Object.keys(request.filters);
    if (!endedByTimeout(fault) || given.length === 0) throw fault;
    const message = 'takes too long together with the rest: narrow it, or sort by created_at';
    return reject('invalid_input', { details: given.map((field) => ({ field, code: 'too_broad', message })) });
  }
};

const UserList = z.strictObject({ data: z.array(SomeOfUser), pagination: Pagination });

/** `GET /users`. */
export const listUsers = (parts: QueryParts & { readonly cursors: Cursors }): Endpoint =>
  defineEndpoint({
    operation: 'listUsers',
    summary: 'List people',
    description:
      'A page of the people, filtered, searched and sorted; all filters that are given must hold. Erased people are ' +
      'listed with status=erased only. Totals above 10,000 are estimates where more than role and state is asked.',
    tag: 'Users',
    token: 'required',
    permission: { who: 'permitted', may: 'read_users', scope: 'users:read' },
    query: ListParameters,
    answers: {
      200: { description: 'The page', body: UserList, example: { data: [USER_EXAMPLE], pagination: PAGE_EXAMPLE } },
    },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      askAlsoByKey(parts, context, async (reader) => {
        const request = listRequestOf(query, parts.cursors);
        if (isRejection(request)) return request;
        if (!mayList(request, reader)) return reject('forbidden');
        const answer = await find(parts.readModel, request);
        if (isRejection(answer)) return answer;
        const { snapshot, total } = answer;
        const { found } = snapshot;
        const data = rowsOfPage(request, found).map((row) => pickFields(toResource(row), query.fields));
        const pagination = listPagination(request, found, total, parts.cursors);
        return { status: 200, body: { data, pagination }, headers: projectionHeaders(snapshot) };
      }),
  });
