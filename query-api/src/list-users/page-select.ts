import type { JsonQuery } from '../read-model/read-model.ts';
import { USER_JSON } from '../read-model/user-row.ts';
import { otherWay, type Point } from './list-cursor.ts';
import { conditionsOf, leadsOf, type Conditions } from './list-filters.ts';
import type { ListRequest } from './list-parameters.ts';
import { sortExpression, sortType, type Sort } from './sort-keys.ts';

export const DIRECTORY = 'read_model.user_directory u';

/** What rows are read from: a table or a step of the statement, and what there is the key of the list's order. */
export interface Source {
  readonly from: string;
  readonly key: string;
  readonly id: string;
}

/** A page, and whether anybody stands behind its cursor. Both are expressions for the statement. */
export interface PageSelect {
  readonly page: string;
  readonly behind: string;
}

const isForward = ({ place }: ListRequest): boolean => !('point' in place) || place.point.toward === 'next';

const readingOrder = (request: ListRequest): Sort['order'] =>
  isForward(request) === (request.sort.order === 'asc') ? 'asc' : 'desc';

const opposite = (order: Sort['order']): Sort['order'] => (order === 'asc' ? 'desc' : 'asc');

/**
 * The pieces that every statement for a page is made of. What a caller sent goes into `values` and never stands in a
 * text.
 */
export class PageStatement {
  readonly conditions: Conditions;
  readonly everybody: Source;
  /** The direction in which the page is read; a page before a cursor is read backwards. */
  readonly order: Sort['order'];
  readonly point: Point | null;
  readonly limit: string;
  readonly #offset: string;
  readonly #values: unknown[] = [];
  readonly #request: ListRequest;
  readonly #places: { readonly key: string; readonly id: string } | null;

  constructor(request: ListRequest) {
    const { filters, sort, place, pageSize } = request;
    const given = (value: unknown, type: string): string => `$${String(this.#values.push(value))}::${type}`;
    this.#request = request;
    this.conditions = conditionsOf(filters, this.#values, sort.key);
    this.everybody = { from: DIRECTORY, key: sortExpression(sort, filters.status === 'erased'), id: 'u.id' };
    this.order = readingOrder(request);
    this.point = 'point' in place ? place.point : null;
    this.#places = this.point && { key: given(this.point.value, sortType(sort)), id: given(this.point.id, 'uuid') };
    // One more than the page holds tells whether there is another page.
    this.limit = given(pageSize + 1, 'integer');
    this.#offset = given('page' in place ? (place.page - 1) * pageSize : 0, 'integer');
  }

  /** The rows on the page's way from the cursor, out of those for which `condition` holds. */
  page({ from, key, id }: Source, condition: string): string {
    return `(select ${key} as key, ${id} as id from ${from} where ${condition}${this.#onWay(this.point, { key, id })}
      order by ${key} ${this.order}, ${id} ${this.order} limit ${this.limit} offset ${this.#offset})`;
  }

  /** The nearest one on the other side: in the list's order, so that the planner does not hope to meet one anywhere. */
  behind({ from, key, id }: Source, condition: string): string {
    if (this.point === null) return 'false';
    const back = opposite(this.order);
    return `coalesce((select true from ${from} where ${condition}${this.#onWay(otherWay(this.point), { key, id })}
      order by ${key} ${back}, ${id} ${back} limit 1), false)`;
  }

  /** The next `rows` rows of everybody for whom `condition` holds, from the cursor onwards or, if `back`, backwards. */
  stretch(rows: number, condition: string, back: boolean): string {
    const { key, id } = this.everybody;
    const order = back ? opposite(this.order) : this.order;
    const from = back ? this.point && otherWay(this.point) : this.point;
    return `(select u.*, ${key} as list_key from ${DIRECTORY} where ${condition}${this.#onWay(from, this.everybody)}
      order by ${key} ${order}, ${id} ${order} limit ${String(rows)}) u`;
  }

  /** All who match, with the list's key. */
  matches(): string {
    const { group, others } = this.conditions;
    const all = [...group, ...leadsOf(this.#request.filters, this.#values), ...others];
    return `select ${this.everybody.key} as key, u.id from ${DIRECTORY} where ${all.join(' and ')}`;
  }

  /** How many there are of the wanted role and state, from the counts that the projector keeps. */
  get ofGroup(): string {
    return `(select coalesce(sum(u.people), 0) from read_model.user_counts u where ${this.conditions.group.join(' and ')})`;
  }

  /** The whole statement: its steps, the total, and the page. */
  query(steps: readonly string[], total: string, { page, behind }: PageSelect): JsonQuery {
    const before = steps.length > 0 ? `with ${steps.join(', ')} ` : '';
    return {
      text: `${before}select json_build_object('total', ${total}, 'ofGroup', ${this.ofGroup}, 'behind', ${behind},
        'rows', coalesce((select json_agg(${USER_JSON} order by page.key ${this.order}, page.id ${this.order})
          from (${page}) page join ${DIRECTORY} on u.id = page.id), '[]'))`,
      values: this.#values,
    };
  }

  /** One comparison of both columns, so that it is one range of an index. */
  #onWay(point: Point | null, { key, id }: Pick<Source, 'key' | 'id'>): string {
    if (point === null || this.#places === null) return '';
    const larger = (point.toward === 'next') === (this.#request.sort.order === 'asc');
    const comparison = `${larger ? '>' : '<'}${point.inclusive ? '=' : ''}`;
    return ` and (${key}, ${id}) ${comparison} (${this.#places.key}, ${this.#places.id})`;
  }
}
