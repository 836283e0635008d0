import { z } from 'zod';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { JsonObject } from '@rollbook/shared/kernel/json';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { PageParameters, pageRequestOf, pageSizeOf, refuseParameter } from '../read-model/paging.ts';
import { AUDIT_FILTER_NAMES, AuditFilters } from './audit-filters.ts';
import type { IndexRow } from './index-row.ts';
import type { AuditRequest } from './select-entries.ts';

const OPERATION = 'listAuditEvents';

/** The parameters of `GET /audit/events`. There are no pages to jump to, only a walk. */
export const AuditParameters = z.strictObject({
  ...AuditFilters.shape,
  ...PageParameters.omit({ page: true }).shape,
  cursor: z.string().optional(),
});
type AuditQuery = z.output<typeof AuditParameters>;

/** As read, not as a caller writes them. */
const Content = z.strictObject({
  filters: z.record(z.enum(AUDIT_FILTER_NAMES as [keyof AuditFilters]), z.string().optional()),
  size: z.int(),
  point: z.strictObject({ recordedAt: z.string(), leaf: z.int() }),
});

const filtersIn = (query: AuditQuery): AuditFilters =>
  Object.fromEntries(AUDIT_FILTER_NAMES.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));

/** Reads the parameters as one request; what does not go together is refused, naming the parameter. */
export const auditRequestOf = (query: AuditQuery, cursors: Cursors): AuditRequest | Rejection => {
  if (query.cursor !== undefined) return byCursor(query, query.cursor, cursors);
  const page = pageRequestOf({ page_size: query.page_size, limit: query.limit });
  if (isRejection(page)) return page;
  const { after, before } = query;
  if (after !== undefined && before !== undefined && Date.parse(after) >= Date.parse(before))
    return refuseParameter('before', 'conflict', 'must be later than after');
  return { filters: filtersIn(query), pageSize: page.pageSize, point: null };
};

const byCursor = (query: AuditQuery, cursor: string, cursors: Cursors): AuditRequest | Rejection => {
  const size = pageSizeOf({ page_size: query.page_size, limit: query.limit });
  if (size !== null && typeof size === 'object') return size;
  const { data } = Content.safeParse(cursors.open(OPERATION, cursor));
  if (data === undefined) return refuseParameter('cursor', 'malformed', 'was not given out here for this list');
  const filters = data.filters as AuditFilters;
  const other = AUDIT_FILTER_NAMES.find((name) => query[name] !== undefined && query[name] !== filters[name]);
  if (other !== undefined)
    return refuseParameter(other, 'conflict', 'is another than the one that the cursor was made for');
  return { filters, pageSize: size ?? data.size, point: data.point };
};

/** The cursor of the page behind this row; it fixes the filters. */
export const cursorAfter = (
  { filters, pageSize }: AuditRequest,
  { recorded_at: recordedAt, leaf }: IndexRow,
  cursors: Cursors,
): string => cursors.seal(OPERATION, { filters: filters as JsonObject, size: pageSize, point: { recordedAt, leaf } });
