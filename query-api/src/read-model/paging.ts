import { z } from 'zod';
import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;
/** Rows beyond this one are reached by cursor only: skipping costs as much as reading. */
const LAST_PAGED_ROW = 10_000;

const between = (least: number, most: number): z.ZodType<number> => {
  const error = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error })
    .transform(Number)
    .pipe(z.number().min(least, { error }).max(most, { error }));
};

const pageSize = between(1, MAX_PAGE_SIZE).optional();

/** The parameters of a list that comes in pages. `limit` is another name of `page_size`. */
export const PageParameters = z.strictObject({
  page: between(1, 999_999_999).optional(),
  page_size: pageSize,
  limit: pageSize,
});
type PageQuery = z.output<typeof PageParameters>;

export interface PageRequest {
  readonly page: number;
  readonly pageSize: number;
}

/** How many rows are wanted; null: nothing was said. */
export const pageSizeOf = ({ page_size, limit }: PageQuery): number | null | Rejection => {
  if (page_size !== undefined && limit !== undefined)
    return refuseParameter('limit', 'conflict', 'is another name of page_size; give only one of them');
  return page_size ?? limit ?? null;
};

/** Reads which page is wanted; what does not go together is refused, naming the parameter. */
export const pageRequestOf = (query: PageQuery): PageRequest | Rejection => {
  const size = pageSizeOf(query);
  if (typeof size === 'object' && size !== null) return size;
  const request = { page: query.page ?? 1, pageSize: size ?? DEFAULT_PAGE_SIZE };
  if (request.page * request.pageSize > LAST_PAGED_ROW)
    return refuseParameter('cursor', 'required', `pages end at row ${String(LAST_PAGED_ROW)}; go on with cursor`);
  return request;
};

/** 400, naming one parameter. */
export const refuseParameter = (field: string, code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field, code, message }] });

export const PAGE_EXAMPLE = {
  current_page: 1,
  page_size: 20,
  total_items: 1,
  total_pages: 1,
  total_is_estimate: false,
  has_next: false,
  has_previous: false,
  next_cursor: null,
  previous_cursor: null,
};

/** What stands beside the data. Cursors are null where there is nothing to go on to. */
export const Pagination = z
  .strictObject({
    current_page: z.int().nullable(),
    page_size: z.int(),
    total_items: z.int(),
    total_pages: z.int(),
    total_is_estimate: z.boolean(),
    has_next: z.boolean(),
    has_previous: z.boolean(),
    next_cursor: z.string().nullable(),
    previous_cursor: z.string().nullable(),
  })
  .meta({ id: 'Pagination', example: PAGE_EXAMPLE });

/** `rows`: one more than the page holds, if there is one. */
export const paginationOf = (
  { page, pageSize }: PageRequest,
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
