import { z } from 'zod';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { ROLES } from '@rollbook/shared/contracts/roles';

/** What a list may be sorted by. */
export const SORT_KEYS = ['username', 'email', 'name', 'created_at', 'updated_at', 'last_login'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

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

/** Any letter case; `MEMBER` is an older name of `user`. */
const role = z
  .string()
  .transform((text) => (text.toLowerCase() === 'member' ? 'user' : text.toLowerCase()))
  .pipe(z.enum(ROLES));

/** The parameters of `GET /users`. */
export const ListParameters = z.strictObject({
  page: between(1, 999_999_999).optional(),
  page_size: pageSize,
  limit: pageSize,
  sort_by: z.enum(SORT_KEYS).default('created_at'),
  order: z.enum(['asc', 'desc']).default('desc'),
  role: role.optional(),
  is_active: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['true', 'false']))
    .transform((text) => text === 'true')
    .optional(),
});

/** Which people, in which order, and which of them. */
export interface ListRequest {
  readonly filters: { readonly role?: string | undefined; readonly isActive?: boolean | undefined };
  readonly sort: { readonly key: SortKey; readonly order: 'asc' | 'desc' };
  readonly page: number;
  readonly pageSize: number;
}

/** Reads the parameters as one request; what does not go together is refused, naming the parameter. */
export const listRequestOf = (query: z.output<typeof ListParameters>): ListRequest | Rejection => {
  if (query.page_size !== undefined && query.limit !== undefined)
    return refuse('limit', 'conflict', 'is another name of page_size; give only one of them');
  const [page, size] = [query.page ?? 1, query.page_size ?? query.limit ?? DEFAULT_PAGE_SIZE];
  if (page * size > LAST_PAGED_ROW)
    return refuse('cursor', 'required', `pages end at row ${String(LAST_PAGED_ROW)}; go on with cursor`);
  return {
    filters: { role: query.role, isActive: query.is_active },
    sort: { key: query.sort_by, order: query.order },
    page,
    pageSize: size,
  };
};

const refuse = (field: string, code: string, message: string): Rejection =>
  reject('invalid_input', { details: [{ field, code, message }] });
