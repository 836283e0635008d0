import { z } from 'zod';
import { ROLES, STATUSES } from '@rollbook/shared/contracts/roles';
import type { JsonObject } from '@rollbook/shared/kernel/json';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { ORDERS, SORT_KEYS } from './sort-keys.ts';

/** A place between two rows, or on one, and the way to go from there. */
const Point = z.strictObject({
  toward: z.enum(['next', 'previous']),
  /** Whether a row at this very place is on the way. */
  inclusive: z.boolean(),
  value: z.string(),
  id: z.uuid(),
});
export type Point = z.output<typeof Point>;

/** The same place, looked at the other way: no row is on both sides, and none on neither. */
export const otherWay = (point: Point): Point => ({
  ...point,
  toward: point.toward === 'next' ? 'previous' : 'next',
  inclusive: !point.inclusive,
});

/** As read, not as a caller writes them. */
const ReadFilters = z.strictObject({
  is_active: z.boolean().optional(),
  status: z.enum(STATUSES).optional(),
  role: z.enum(ROLES).optional(),
  email: z.string().optional(),
  username: z.string().optional(),
  q: z.string().optional(),
  created_after: z.string().optional(),
  created_before: z.string().optional(),
});

const Content = z.strictObject({
  filters: ReadFilters,
  key: z.enum(SORT_KEYS),
  order: z.enum(ORDERS),
  pageSize: z.int(),
  point: Point,
});
/** A cursor fixes the filters and the sort; the page size is what the page before had, unless another is given. */
export type CursorContent = z.output<typeof Content>;

export const writeCursor = (cursors: Cursors, content: CursorContent): string =>
  cursors.seal('listUsers', content as unknown as JsonObject);

/** null for what was not given out for this list. */
export const readCursor = (cursors: Cursors, text: string): CursorContent | null =>
  Content.safeParse(cursors.open('listUsers', text)).data ?? null;
