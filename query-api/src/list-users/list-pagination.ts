import type { z } from 'zod';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import type { Pagination } from '../read-model/paging.ts';
import type { UserRow } from '../read-model/user-row.ts';
import type { Total } from './find-users.ts';
import { otherWay, writeCursor, type Point } from './list-cursor.ts';
import type { ListRequest } from './list-parameters.ts';
import type { FoundUsers } from './select-users.ts';
import { sortValue } from './sort-keys.ts';

/** The rows of the page, in the order of the list. */
export const rowsOfPage = ({ pageSize, place }: ListRequest, { rows }: FoundUsers): readonly UserRow[] => {
  const page = rows.slice(0, pageSize);
  return 'point' in place && place.point.toward === 'previous' ? page.reverse() : page;
};

/** Whether there is more in either direction; exact, whatever the total is. */
const moreOf = ({ pageSize, place }: ListRequest, { rows, behind }: FoundUsers) => {
  const more = rows.length > pageSize;
  if ('page' in place) return { next: more, previous: place.page > 1 };
  return place.point.toward === 'next' ? { next: more, previous: behind } : { next: behind, previous: more };
};

/** From where a page goes on: its outermost row; where it is empty, the place at which it was looked for. */
const pointOf = (request: ListRequest, row: UserRow | undefined, toward: Point['toward']): Point | null => {
  if (row !== undefined) return { toward, inclusive: false, value: sortValue(request.sort, row), id: row.id };
  if ('page' in request.place) return null;
  return request.place.point.toward === toward ? request.place.point : otherWay(request.place.point);
};

/** What stands beside a page of people. */
export const listPagination = (
  request: ListRequest,
  found: FoundUsers,
  total: Total,
  cursors: Cursors,
): z.output<typeof Pagination> => {
  const { filters, sort, pageSize, place } = request;
  const rows = rowsOfPage(request, found);
  const more = moreOf(request, found);
  const cursor = (toward: Point['toward']): string | null => {
    const point = more[toward] ? pointOf(request, toward === 'next' ? rows.at(-1) : rows[0], toward) : null;
    return point && writeCursor(cursors, { filters, ...sort, pageSize, point });
  };
  return {
    current_page: 'page' in place ? place.page : null,
    page_size: pageSize,
    total_items: total.items,
    total_pages: Math.ceil(total.items / pageSize),
    total_is_estimate: total.isEstimate,
    has_next: more.next,
    has_previous: more.previous,
    next_cursor: cursor('next'),
    previous_cursor: cursor('previous'),
  };
};
