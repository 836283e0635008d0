import { z } from 'zod';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/user-directory.ts';
import { toResource } from '../read-model/user-row.ts';
import { ListParameters, listRequestOf, type ListRequest } from './list-parameters.ts';
import { selectUsers, type FoundUsers } from './select-users.ts';

/** The page beside the data. Cursors are null until there is something to go on from. */
export const Pagination = z.strictObject({
  current_page: z.int().nullable(),
  page_size: z.int(),
  total_items: z.int(),
  total_pages: z.int(),
  total_is_estimate: z.boolean(),
  has_next: z.boolean(),
  has_previous: z.boolean(),
  next_cursor: z.string().nullable(),
  previous_cursor: z.string().nullable(),
});

/** `rows`: one more than the page holds, if there is one. */
export const paginationOf = (
  { page, pageSize }: Pick<ListRequest, 'page' | 'pageSize'>,
  { rows, total }: { readonly rows: readonly unknown[]; readonly total: number },
): z.output<typeof Pagination> => ({
  current_page: page,
  page_size: pageSize,
  total_items: total,
  total_pages: Math.ceil(total / pageSize),
  total_is_estimate: false,
  has_next: rows.length > pageSize,
  has_previous: page > 1,
  next_cursor: null,
  previous_cursor: null,
});

/** `GET /users`. */
export const listUsers = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    operation: 'listUsers',
    summary: 'List people',
    description: 'A page of the people, filtered and sorted. Erased people are not listed.',
    tag: 'users',
    token: 'required',
    permission: { who: 'permitted', may: 'read_users', scope: 'users:read' },
    query: ListParameters,
    answers: {
      200: { description: 'The page', body: z.strictObject({ data: z.array(UserResource), pagination: Pagination }) },
    },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    async handle({ query }, context) {
      return askAlsoByKey(parts, context, async () => {
        const request = listRequestOf(query);
        if (isRejection(request)) return request;
        const snapshot = await parts.directory.read<FoundUsers>(selectUsers(request));
        const { found } = snapshot;
        const data = found.rows.slice(0, request.pageSize).map(toResource);
        const body = { data, pagination: paginationOf(request, found) };
        return { status: 200, body, headers: projectionHeaders(snapshot) };
      });
    },
  });
