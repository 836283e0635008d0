import type { UserRow } from '../read-model/user-row.ts';

/** What a list may be sorted by. */
export const SORT_KEYS = ['username', 'email', 'name', 'created_at', 'updated_at', 'last_login'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export const ORDERS = ['asc', 'desc'] as const;

export interface Sort {
  readonly key: SortKey;
  readonly order: (typeof ORDERS)[number];
}

export const isText = (key: SortKey): boolean => key === 'username' || key === 'email' || key === 'name';

/** Who never signed in comes last in both orders. */
const never = (order: Sort['order']): string => (order === 'asc' ? 'infinity' : '-infinity');

/**
 * The key as an expression on a row `u`, never null, so that a page is one range of one order. Written exactly as in
 * the indexes. Of the erased every text is null, and their order is that of the ids.
 */
export const sortExpression = ({ key, order }: Sort, ofErased: boolean): string => {
  if (key === 'last_login') return `coalesce(u.last_login, '${never(order)}'::timestamptz)`;
  return ofErased && isText(key) ? `coalesce(u.${key}, '')` : `u.${key}`;
};

export const sortType = ({ key }: Sort): 'text' | 'timestamptz' => (isText(key) ? 'text' : 'timestamptz');

/** What `sortExpression` gives for this row. */
export const sortValue = ({ key, order }: Sort, row: UserRow): string =>
  row[key] ?? (key === 'last_login' ? never(order) : '');
