import type { JsonQuery } from '../read-model/read-model.ts';
import type { UserRow } from '../read-model/user-row.ts';
import { conditionsOf, type Filters } from './list-filters.ts';
import type { ListRequest } from './list-parameters.ts';
import { DIRECTORY, PageStatement, type PageSelect, type Source } from './page-select.ts';
import { isText } from './sort-keys.ts';

/** What a page and the numbers beside it are made of, all of one snapshot. */
export interface FoundUsers {
  /** In the order of reading; one more than the page holds, if there is one. */
  readonly rows: readonly UserRow[];
  /** How many match; null where nobody counted to the end. */
  readonly total: number | null;
  /** How many there are of the wanted role and state, whatever else is asked. */
  readonly ofGroup: number;
  /** Whether there is anybody behind the cursor. */
  readonly behind: boolean;
}

/** Up to so many matches the total is exact, whatever they are filtered by. */
export const MOST_COUNTED = 10_000;

/**
 * Up to so many matches of a word are collected and sorted rather than looked for in the order of a text: that costs
 * 1 to 2 µs a match (1,000,000 people), and there is no telling how far off they are.
 */
const MOST_SORTED = 25_000;

/** So many rows are read in the order of the list before all matches of a word are collected and sorted instead. */
const STRETCH = 20_000;

/**
 * What is known before anything is read: nothing (then matches are collected and counted), that far more match than are
 * counted, or that so many do that no index finds them faster than reading everybody.
 */
export type Extent = 'unknown' | 'many' | 'most';

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

/** The step `hits` of the statement. */
const HITS: Source = { from: 'hits h', key: 'h.key', id: 'h.id' };
const REST: Source = { from: 'rest h', key: 'h.key', id: 'h.id' };

/** How to find a page of many: the steps before it, and which part of the total it gives. */
interface OfMany extends PageSelect {
  readonly steps: readonly string[];
  /** Whether all had to be collected after all. */
  readonly isCollected: string;
}

const allOf = (...conditions: readonly (readonly string[])[]): string => conditions.flat().join(' and ');

/** In the order of the list, however far that is. */
const inOrder = (statement: PageStatement, when: string): OfMany => {
  const { group, others, implied } = statement.conditions;
  const condition = `${when} and ${allOf(group, others, implied)}`;
  return {
    steps: [],
    page: statement.page(statement.everybody, condition),
    behind: statement.behind(statement.everybody, condition),
    isCollected: 'false',
  };
};

/**
 * In the order of the list for a stretch. A word may stand in names that are all at the other end of the order: then
 * whoever matches is collected (`rest`) and sorted.
 */
const inStretches = (statement: PageStatement, when: string): OfMany => {
  const { group, others, implied } = statement.conditions;
  // By its name, so that what comes out of a stretch counts as sorted already.
  const stretched = (back: boolean): Source => ({
    from: statement.stretch(STRETCH, allOf([when], group, implied), back),
    key: 'u.list_key',
    id: 'u.id',
  });
  const found = allOf(others);
  const isFull = `(select count(*) from near) = ${statement.limit}`;
  const isPart = `(select count(*) from near) < ${statement.limit}`;
  const isCollected = `(${isPart}${statement.point ? ' or not (select is_there from near_behind)' : ''})`;
  return {
    steps: [
      `near as materialized ${statement.page(stretched(false), found)}`,
      `near_behind as materialized (select ${statement.behind(stretched(true), found)} as is_there)`,
      `rest as materialized (${statement.matches()} and ${when} and ${isCollected})`,
    ],
    page: `select * from near where ${isFull} union all ${statement.page(REST, isPart)}`,
    behind: `((select is_there from near_behind) or ${statement.behind(REST, 'true')})`,
    isCollected,
  };
};

/** The statement for a page; counts as far as `extent` leaves anything to know. */
export const selectUsers = (request: ListRequest, extent: Extent = 'unknown'): JsonQuery => {
  const { filters, sort } = request;
  const statement = new PageStatement(request);
  const { everybody, ofGroup, conditions } = statement;
  const { group, others } = conditions;

  if (others.length === 0 && isBroad(filters))
    return statement.query([], ofGroup, {
      page: statement.page(everybody, allOf(group)),
      behind: statement.behind(everybody, allOf(group)),
    });

  const ofMany = filters.q === undefined || extent === 'most' ? inOrder : inStretches;
  if (extent !== 'unknown') {
    const { steps, isCollected, ...select } = ofMany(statement, 'true');
    // Who had to be collected can be counted after all.
    const total = steps.length === 0 ? 'null' : `case when ${isCollected} then (select count(*) from rest) end`;
    return statement.query(steps, total, select);
  }

  const most = String(filters.q !== undefined && isText(sort.key) ? MOST_SORTED : MOST_COUNTED);
  const [few, many] = [`(select n from counted) <= ${most}`, `(select n from counted) > ${most}`];
  const matches = statement.matches();
  // How many there are of a role and state is known beforehand.
  const collected =
    others.length === 0
      ? [`counted as materialized (select ${ofGroup} as n)`, `hits as materialized (${matches} and ${few})`]
      : [
          `hits as materialized (${matches} ${collectingOrder(filters)} limit ${most} + 1)`,
          'counted as materialized (select count(*) as n from hits)',
        ];
  const { steps, page, behind } = ofMany(statement, many);
  const total = others.length === 0 ? ofGroup : `(select n from counted where n <= ${most})`;
  return statement.query([...collected, ...steps], total, {
    page: `select * from (${statement.page(HITS, few)} union all ${page}) both_ways`,
    behind: `(${statement.behind(HITS, few)} or ${behind})`,
  });
};

/** The same matches, for the planner to estimate. */
export const selectMatches = ({ filters }: ListRequest): JsonQuery => {
  const values: unknown[] = [];
  const { group, others } = conditionsOf(filters, values);
  return { text: `select from ${DIRECTORY} where ${allOf(group, others)}`, values };
};
