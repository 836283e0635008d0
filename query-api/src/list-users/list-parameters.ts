import { z } from 'zod';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { fields } from '../read-model/fields.ts';
import { PageParameters, pageRequestOf, pageSizeOf, refuseParameter } from '../read-model/paging.ts';
import { readCursor, type Point } from './list-cursor.ts';
import { FILTER_NAMES, Filters } from './list-filters.ts';
import { ORDERS, SORT_KEYS, type Sort } from './sort-keys.ts';

/** The parameters of `GET /users`. */
export const ListParameters = z.strictObject({
  ...PageParameters.shape,
  cursor: z.string().optional(),
  sort_by: z.enum(SORT_KEYS).optional(),
  order: z.enum(ORDERS).optional(),
  ...Filters.shape,
  fields,
});
type ListQuery = z.output<typeof ListParameters>;

/** Which people, in which order, and which of them. */
export interface ListRequest {
  readonly filters: Filters;
  readonly sort: Sort;
  readonly pageSize: number;
  readonly place: { readonly page: number } | { readonly point: Point };
}

const filtersIn = (query: ListQuery): Filters =>
  Object.fromEntries(FILTER_NAMES.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));

/** Reads the parameters as one request; what does not go together is refused, naming the parameter. */
export const listRequestOf = (query: ListQuery, cursors: Cursors): ListRequest | Rejection => {
  if (query.cursor !== undefined) return byCursor(query, query.cursor, cursors);
  const page = pageRequestOf(query);
  if (isRejection(page)) return page;
  const sort = { key: query.sort_by ?? 'created_at', order: query.order ?? 'desc' } as const;
  return { filters: filtersIn(query), sort, pageSize: page.pageSize, place: { page: page.page } };
};

const byCursor = (query: ListQuery, cursor: string, cursors: Cursors): ListRequest | Rejection => {
  if (query.page !== undefined) return refuseParameter('page', 'conflict', 'does not go with cursor');
  const size = pageSizeOf(query);
  if (size !== null && typeof size === 'object') return size;
  const content = readCursor(cursors, cursor);
  if (content === null) return refuseParameter('cursor', 'malformed', 'was not given out here for this list');
  const { filters, key, order, pageSize, point } = content;
  const fixed = { ...filters, sort_by: key, order };
  const other = ([...FILTER_NAMES, 'sort_by', 'order'] as const).find(
    (name) => query[name] !== undefined && query[name] !== fixed[name],
  );
  if (other !== undefined)
    return refuseParameter(other, 'conflict', 'is another than the one that the cursor was made for');
  return { filters, sort: { key, order }, pageSize: size ?? pageSize, place: { point } };
};
