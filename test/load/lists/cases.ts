import type { Pool } from '@rollbook/shared/sql/pool';
import type { Filters } from '../../../query-api/src/list-users/list-filters.ts';
import type { Point } from '../../../query-api/src/list-users/list-cursor.ts';
import type { ListRequest } from '../../../query-api/src/list-users/list-parameters.ts';
import { ORDERS, SORT_KEYS, sortExpression, type Sort } from '../../../query-api/src/list-users/sort-keys.ts';

/** One filter with one value, and how many it finds in words. */
export interface FilterCase {
  readonly name: string;
  readonly filters: Filters;
}

export interface ListCase {
  readonly filter: string;
  readonly sort: Sort;
  /** `first`, or `deep`: behind 500,000 rows of everybody in that order, or behind half of them where there are fewer. */
  readonly page: 'first' | 'deep';
  readonly request: ListRequest;
}

export const SORTS: readonly Sort[] = SORT_KEYS.flatMap((key) => ORDERS.map((order) => ({ key, order })));

const DEEP = 500_000;
const PAGE_SIZE = 20;

/** Each filter with rare and common values of this very database. */
export const filterCases = async (pool: Pool): Promise<readonly FilterCase[]> => {
  const { rows } = await pool.query<{ email: string; username: string; early: Date; late: Date; middle: Date }>(
    `select u.email_canonical as email, u.username, t.early, t.late, t.middle
     from (select * from read_model.user_directory where status = 'active' order by id desc limit 1) u,
       (select min(created_at) as early, max(created_at) as late,
          percentile_disc(0.5) within group (order by created_at) as middle
        from read_model.user_directory where status <> 'erased') t`,
  );
  const [found] = rows;
  if (!found) throw new Error('There is nobody in the list: npm run seed first.');
  const at = (date: Date, minutes = 0): string => new Date(date.getTime() + minutes * 60_000).toISOString();
  const { early, middle, late } = found;
  const one = (name: string, filters: Filters): FilterCase => ({ name, filters });
  return [
    one('none', {}),
    one('is_active=true (most)', { is_active: true }),
    one('is_active=false (few in 100)', { is_active: false }),
    one('status=active (most)', { status: 'active' }),
    one('status=deactivated (few in 100)', { status: 'deactivated' }),
    one('status=pending (few in 1,000)', { status: 'pending' }),
    one('status=erased', { status: 'erased' }),
    one('role=user (most)', { role: 'user' }),
    one('role=moderator (1 in 100)', { role: 'moderator' }),
    one('role=auditor (1 in 2,000)', { role: 'auditor' }),
    one('role=admin (hardly any)', { role: 'admin' }),
    one('email (one)', { email: found.email }),
    one('email (nobody)', { email: 'nobody.at.all@example.com' }),
    one('username (one)', { username: found.username }),
    one('username (nobody)', { username: 'nobody_at_all' }),
    one('created_after (all)', { created_after: at(early, -1) }),
    one('created_after (half)', { created_after: at(middle) }),
    one('created_after (last week)', { created_after: at(late, -7 * 24 * 60) }),
    one('created_after (last hour)', { created_after: at(late, -60) }),
    one('created_before (all)', { created_before: at(late, 1) }),
    one('created_before (half)', { created_before: at(middle) }),
    one('created_before (first month)', { created_before: at(early, 30 * 24 * 60) }),
    one('created_before (first day)', { created_before: at(early, 24 * 60) }),
    one('q (one)', { q: found.email }),
    one('q (nobody)', { q: 'zzqqxxzzqq' }),
    one('q=example (everybody)', { q: 'example' }),
    one('q=anna (1 in 10)', { q: 'anna' }),
    one('q=zimmer (1 in 100)', { q: 'zimmer' }),
    one('q=a (1 in 6, short)', { q: 'a' }),
    one('q=an (short)', { q: 'an' }),
    one('q=zo (short, rare)', { q: 'zo' }),
    one('q=qq (short, nobody)', { q: 'qq' }),
    one('q=müller (accented)', { q: 'müller' }),
    one('q=王小明 (no ASCII)', { q: '王小明' }),
    one('q=иванов (no ASCII)', { q: 'иванов' }),
    one('q=王 (short, no ASCII)', { q: '王' }),
    one('q=жжж (no ASCII, nobody)', { q: 'жжж' }),
  ];
};

/** The place behind 500,000 rows (or half of them) of everybody, in each order. */
export const deepPoints = async (pool: Pool): Promise<ReadonlyMap<Sort, Point>> => {
  const from = "from read_model.user_directory u where u.status <> 'erased'";
  const { rows: counted } = await pool.query<{ n: number }>(`select count(*)::float8 as n ${from}`);
  const offset = Math.min(DEEP, Math.floor((counted[0]?.n ?? 0) / 2));
  const points = new Map<Sort, Point>();
  for (const sort of SORTS) {
    const key = sortExpression(sort, false);
    const { rows } = await pool.query<{ value: string; id: string }>(
      `select to_json(value) #>> '{}' as value, id from (select ${key} as value, u.id
       ${from} order by ${key} ${sort.order}, u.id ${sort.order} limit 1 offset ${String(offset)}) deep`,
    );
    const [row] = rows;
    if (row) points.set(sort, { toward: 'next', inclusive: false, value: row.value, id: row.id });
  }
  return points;
};

/** Every sort with this filter: the first page, and one far within the order. */
export const casesOf = ({ name, filters }: FilterCase, points: ReadonlyMap<Sort, Point>): readonly ListCase[] =>
  SORTS.flatMap((sort) => {
    const base = { filters, sort, pageSize: PAGE_SIZE };
    const first: ListCase = { filter: name, sort, page: 'first', request: { ...base, place: { page: 1 } } };
    const point = points.get(sort);
    return point
      ? [first, { filter: name, sort, page: 'deep' as const, request: { ...base, place: { point } } }]
      : [first];
  });

/** `sort`: no filter; `q`; `filters`: all others; any other text is looked for in the names. */
export const isWanted = ({ name, filters }: FilterCase, only: string | undefined): boolean => {
  if (only === undefined) return true;
  if (only === 'sort') return name === 'none';
  if (only === 'q') return filters.q !== undefined;
  if (only === 'filters') return name !== 'none' && filters.q === undefined;
  return name.includes(only);
};
