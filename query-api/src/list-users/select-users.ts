import type { JsonQuery } from '../read-model/read-model.ts';
import { USER_JSON, type UserRow } from '../read-model/user-row.ts';
import { otherWay, type Point } from './list-cursor.ts';
import { conditionsOf, type Filters } from './list-filters.ts';
import type { ListRequest } from './list-parameters.ts';
import { sortExpression, sortType, type Sort } from './sort-keys.ts';

/** What a page and the numbers beside it are made of, all of one snapshot. */
export interface FoundUsers {
  /** In the order of reading; one more than the page holds, if there is one. */
  readonly rows: readonly UserRow[];
  /** How many match; `MOST_COUNTED` + 1 where nobody counted further. */
  readonly total: number;
  /** How many there are of the wanted role and state, whatever else is asked. */
  readonly ofGroup: number;
  /** Whether there is anybody behind the cursor. */
  readonly behind: boolean;
}

/** Beyond this many matches nothing is counted: the total is estimated. */
export const MOST_COUNTED = 10_000;

/**
 * What is known before anything is read: nothing (then up to `MOST_COUNTED` are counted), that far more match, or that
 * so many do that no index finds them faster than reading everybody.
 */
export type Extent = 'unknown' | 'many' | 'most';

const DIRECTORY = 'read_model.user_directory u';

interface Columns {
  readonly key: string;
  readonly id: string;
}

const isForward = ({ place }: ListRequest): boolean => !('point' in place) || place.point.toward === 'next';

const readingOrder = (request: ListRequest): Sort['order'] =>
  isForward(request) === (request.sort.order === 'asc') ? 'asc' : 'desc';

/** Rows on the way from the point: one comparison of both columns, so that it is one range of an index. */
const fromPoint = (sort: Sort, { toward, inclusive }: Point, { key, id }: Columns, places: Columns): string => {
  const larger = (toward === 'next') === (sort.order === 'asc');
  return `(${key}, ${id}) ${larger ? '>' : '<'}${inclusive ? '=' : ''} (${places.key}, ${places.id})`;
};

/** Filters that leave so many that the next rows are soon met in any order. */
const isBroad = ({ role = 'user', status = 'active', is_active = true }: Filters): boolean =>
  role === 'user' && status === 'active' && is_active;

/**
 * An order in which matches are collected, where nothing else leads the planner to an index: it would rather read the
 * table from its beginning, which is quick only while early rows match.
 */
const collectingOrder = ({ email, username, q, created_after, created_before }: Filters): string => {
  const isLed = (email ?? username ?? q) !== undefined || (created_after ?? created_before) === undefined;
  return isLed ? '' : 'order by u.created_at';
};

/** So many rows are read in the order of the list before all matches of a word are collected and sorted instead. */
const STRETCH = 20_000;

/** The statement for a page; counts as far as `extent` leaves anything to know. */
export const selectUsers = (request: ListRequest, extent: Extent = 'unknown'): JsonQuery => {
  const { filters, sort } = request;
  const values: unknown[] = [];
  const { group, others, implied } = conditionsOf(filters, values, sort.key);
  const where = [...group, ...others].join(' and ');
  const inOrder = [...group, ...others, ...implied].join(' and ');
  const columns = { key: sortExpression(sort, filters.status === 'erased'), id: 'u.id' };
  const place = (value: unknown, type: string): string => `$${String(values.push(value))}::${type}`;
  const point = 'point' in request.place ? request.place.point : null;
  const places = point && { key: place(point.value, sortType(sort)), id: place(point.id, 'uuid') };
  const limit = place(request.pageSize + 1, 'integer');
  const offset = place('page' in request.place ? (request.place.page - 1) * request.pageSize : 0, 'integer');
  const order = readingOrder(request);

  const onWay = (from: Point, of: Columns): string => (places ? ` and ${fromPoint(sort, from, of, places)}` : '');
  const page = (source: string, of: Columns, condition: string): string =>
    `(select ${of.key} as key, ${of.id} as id from ${source} where ${condition}${point ? onWay(point, of) : ''}
      order by ${of.key} ${order}, ${of.id} ${order} limit ${limit} offset ${offset})`;
  // The nearest one: in the list's order, so that the planner does not hope to meet one anywhere.
  const back = order === 'asc' ? 'desc' : 'asc';
  const behind = (source: string, of: Columns, condition: string): string =>
    point
      ? `coalesce((select true from ${source} where ${condition}${onWay(otherWay(point), of)}
          order by ${of.key} ${back}, ${of.id} ${back} limit 1), false)`
      : 'false';
  const answer = (total: string, pages: string, isBehind: string): string => `select json_build_object(
    'total', ${total}, 'ofGroup', ${OF_GROUP(group)}, 'behind', ${isBehind},
    'rows', coalesce((select json_agg(${USER_JSON} order by page.key ${order}, page.id ${order})
      from (${pages}) page join ${DIRECTORY} on u.id = page.id), '[]'))`;

  if (others.length === 0 && isBroad(filters))
    return {
      text: answer(OF_GROUP(group), page(DIRECTORY, columns, where), behind(DIRECTORY, columns, where)),
      values,
    };

  // Few matches are sorted; of many, the next ones are soon found by reading in the order of the list.
  const hit = { key: 'h.key', id: 'h.id' };
  const most = String(MOST_COUNTED);
  const isCounted = extent === 'unknown';
  const [few, many] = isCounted
    ? [`(select n from counted) <= ${most}`, `(select n from counted) > ${most}`]
    : ['false', 'true'];
  const matches = `select ${columns.key} as key, u.id from ${DIRECTORY} where ${where}`;
  // A word may stand in names that are all at the other end of the order: reading on ends after a stretch.
  const stretch = (from: string, way: Sort['order']): string =>
    `(select u.*, ${columns.key} as list_key from ${DIRECTORY} where ${[many, ...group, ...implied].join(' and ')}${from}
      order by ${columns.key} ${way}, u.id ${way} limit ${String(STRETCH)}) u`;
  // By its name, so that what comes out of a stretch counts as sorted already.
  const listed = { key: 'u.list_key', id: 'u.id' };
  const isStretched = filters.q !== undefined && extent !== 'most';
  const found = others.join(' and ');
  const [wholeNear, partNear] = [`(select count(*) from near) = ${limit}`, `(select count(*) from near) < ${limit}`];
  const wantsRest = `(${partNear}${point ? ' or not (select is_there from near_behind)' : ''})`;
  const near = isStretched
    ? [
        `near as materialized ${page(stretch(point ? onWay(point, columns) : '', order), listed, found)}`,
        `near_behind as materialized (select ${point ? behind(stretch(onWay(otherWay(point), columns), back), listed, found) : 'false'} as is_there)`,
        `rest as materialized (${matches} and ${many} and ${wantsRest})`,
      ]
    : [];
  const ofMany = isStretched
    ? `select * from near where ${wholeNear} union all ${page('rest h', hit, partNear)}`
    : page(DIRECTORY, columns, `${many} and ${inOrder}`);
  const behindMany = isStretched
    ? `(select is_there from near_behind) or ${behind('rest h', hit, 'true')}`
    : behind(DIRECTORY, columns, `${many} and ${inOrder}`);
  if (!isCounted) {
    const beyond = String(MOST_COUNTED + 1);
    // Who had to be collected can be counted after all.
    const total = isStretched
      ? `case when ${wantsRest} then least((select count(*) from rest), ${beyond}) else ${beyond} end`
      : beyond;
    return { text: `${near.length > 0 ? 'with ' : ''}${near.join(', ')} ${answer(total, ofMany, behindMany)}`, values };
  }
  const pages = `select * from (${page('hits h', hit, few)} union all ${ofMany}) both_ways`;
  const isBehind = `(${behind('hits h', hit, few)} or ${behindMany})`;
  // How many there are of a role and state is known beforehand.
  const collected =
    others.length === 0
      ? [`counted as materialized (select ${OF_GROUP(group)} as n)`, `hits as materialized (${matches} and ${few})`]
      : [
          `hits as materialized (${matches} ${collectingOrder(filters)} limit ${String(MOST_COUNTED + 1)})`,
          'counted as materialized (select count(*) as n from hits)',
        ];
  return {
    text: `with ${[...collected, ...near].join(', ')} ${answer('(select n from counted)', pages, isBehind)}`,
    values,
  };
};

/** From the counts that the projector keeps. */
const OF_GROUP = (group: readonly string[]): string =>
  `(select coalesce(sum(u.people), 0) from read_model.user_counts u where ${group.join(' and ')})`;

/** The same matches, for the planner to estimate. */
export const selectMatches = ({ filters }: ListRequest): JsonQuery => {
  const values: unknown[] = [];
  const { group, others } = conditionsOf(filters, values);
  return { text: `select from ${DIRECTORY} where ${[...group, ...others].join(' and ')}`, values };
};
