import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { askAlsoByKey } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/read-model.ts';
import { AuditParameters, auditRequestOf, cursorAfter } from './audit-request.ts';
import { AuditPage } from './entry.schema.ts';
import type { IndexRow } from './index-row.ts';
import { READ_AUDIT, readIndex, type AuditParts } from './read-audit.ts';
import { readEntries } from './read-entry.ts';
import { recordPeople, singledOut } from './record-people.ts';
import { selectEntries } from './select-entries.ts';

/** `GET /audit/events`. */
export const listAuditEvents = (parts: AuditParts & { readonly cursors: Cursors }): Endpoint =>
  defineEndpoint({
    operation: 'listAuditEvents',
    tag: 'Audit',
    summary: 'Read the audit trail',
    description:
      'Every event of the log, the newest first: who, what, when, from where, by which request, and the values before ' +
      'and after; all filters that are given must hold. What was erased reads `[erased]`. Claims of names are not shown. ' +
      'A filter by `subject`, `actor` or `request_id` reads the history of those people, which is itself an event. An event ' +
      'that the log does not hold as it was recorded is marked `"integrity": "altered"`.',
    token: 'required',
    permission: READ_AUDIT,
    query: AuditParameters,
    answers: { 200: { description: 'A page of the trail', body: AuditPage } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      askAlsoByKey(
        parts,
        context,
        async (reader) => {
          const request = auditRequestOf(query, parts.cursors);
          if (isRejection(request)) return request;
          const { filters, pageSize } = request;
          const select = selectEntries(request);
          const page = await readIndex<readonly IndexRow[]>(parts.readModel, select, Object.keys(filters));
          if (isRejection(page)) return page;
          const rows = page.found.slice(0, pageSize);
          const unrecorded = await recordPeople(parts, { reader, context }, singledOut(reader, filters, rows));
          if (unrecorded) return unrecorded;
          const last = page.found.length > pageSize ? rows.at(-1) : undefined;
          const next_cursor = last ? cursorAfter(request, last, parts.cursors) : null;
          const pagination = { page_size: pageSize, has_next: next_cursor !== null, next_cursor };
          const body = { data: [...(await readEntries(parts, rows))], pagination };
          return { status: 200, body, headers: projectionHeaders(page) };
        },
        { needs: 'log' },
      ),
  });
