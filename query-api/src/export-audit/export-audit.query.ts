import { z } from 'zod';
import { originOf } from '@rollbook/shared/audit/checkpoint';
import { formatVerifierKey, verifierKey } from '@rollbook/shared/audit/signed-note';
import { storedSize } from '@rollbook/shared/audit/stored-tree';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Admission } from '@rollbook/shared/http/admission';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';
import type { Random } from '@rollbook/shared/kernel/random';
import { AuditFilters, AUDIT_FILTER_NAMES } from '../audit/audit-filters.ts';
import { READ_AUDIT, type AuditParts } from '../audit/read-audit.ts';
import { recordPeople, singledOut } from '../audit/record-people.ts';
import { logHeaders } from '../get-user/answer-user-as-of.ts';
import { askAlsoByKey, refuseReader } from '../read-model/ask.ts';
import { rethrow } from '../read-model/database-faults.ts';
import { holdPlace } from '../read-model/hold-place.ts';
import { refuseParameter } from '../read-model/paging.ts';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { whileAllowed } from '../read-model/while-allowed.ts';
import { recordReadings } from '../record-reading/record-reading.handle.ts';
import { csvHead } from './csv-rows.ts';
import { exportPieces } from './export-pieces.ts';
import { peopleOfRequest } from './people-of-request.ts';
import type { ExportParts } from './export-lines.ts';
import { waitForSeal } from './wait-for-seal.ts';

export interface ExportAuditParts extends Omit<AuditParts, 'store'>, ExportParts {
  readonly log: Pick<EventLog, 'read' | 'logId'>;
  readonly clock: Clock;
  readonly random: Random;
  /** `NOTARY_PUBLIC_KEYS`: named in the bundle for information only. */
  readonly notaryKeys: readonly NamedKey[];
  /** How many exports there are at once, in all and for each caller. */
  readonly exports: Admission;
}

const Query = z.strictObject({
  ...AuditFilters.shape,
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
  from_leaf: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,14})$/, { error: 'must be the number of a leaf' })
    .transform(Number)
    .optional(),
});
type ExportQuery = z.output<typeof Query>;

/** The first line of a bundle. */
const BUNDLE_HEAD = `${JSON.stringify({
  format: 'rollbook-audit-bundle/1',
  origin: 'rollbook/0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a',
  log_id: '0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a',
  filter: null,
  from_leaf: 0,
  before: [],
  size: 12,
  exported_at: '2026-01-03T00:00:00.000Z',
  exporter: { kind: 'person', id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11' },
  keys: [],
  crc32: '9ae219f3',
})}\n`;

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

const filterOf = (query: ExportQuery): AuditFilters =>
  Object.fromEntries(AUDIT_FILTER_NAMES.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));

type Asking = { readonly reader: Reader; readonly context: RequestContext };

const answer = async (
  parts: ExportAuditParts,
  { reader, context }: Asking,
  query: ExportQuery,
): Promise<Pick<Answer, 'status' | 'headers' | 'stream'> | Rejection> => {
  const { clock, random, log, pool } = parts;
  const [filter, from] = [filterOf(query), query.from_leaf ?? 0];
  if (from > (await storedSize(pool).catch(rethrow)))
    return refuseParameter('from_leaf', 'too_large', 'is beyond the log');
  const named = Object.keys(filter).length === 0 ? null : (filter as Readonly<Record<string, string>>);
  const found = await peopleOfRequest(parts, filter);
  const unrecorded = await recordPeople(parts, { reader, context }, singledOut(reader, filter, found));
  if (unrecorded) return unrecorded;
  const id = random.uuid();
  const data = { format: query.format, filter: named, fromLeaf: from };
  const readings = [{ event: { type: 'AuditExported', data, personal: null }, id }] as const;
  const unwritten = await recordReadings(parts.readings, reader, context, { readings, since: clock.now() });
  if (unwritten) return unwritten;
  const checkpoint = await waitForSeal(parts, id);
  if (checkpoint === null) return reject('audit_not_sealed');
  // The wait took time in which a session or a key may have ended.
  const still = await parts.authority.look(context.bearer, 'log');
  const refused = isRejection(still) ? still : refuseReader(context, still);
  if (refused) return refused;
  const logId = await log.logId();
  const stream = whileAllowed(parts, context, {
    type: TYPES[query.format],
    pieces: () =>
      exportPieces(parts, {
        format: query.format,
        from,
        size: checkpoint.data.size,
        filter: named === null ? null : filter,
        named,
        checkpoint,
        about: {
          origin: originOf(logId),
          log_id: logId,
          exported_at: toInstant(clock.now()),
          exporter: isService(reader) ? { kind: 'service', id: reader.id } : { kind: 'person', id: reader.userId },
          keys: parts.notaryKeys.map(({ key }) => formatVerifierKey(verifierKey(originOf(logId), key))),
        },
      }),
  });
  if (isRejection(stream)) return stream;
  const name = `audit-${String(from)}-${String(checkpoint.data.size)}.${query.format}`;
  const headers = { ...logHeaders(checkpoint.position), 'Content-Disposition': `attachment; filename="${name}"` };
  return { status: 200, headers, stream };
};

/** `GET /audit/export`. */
export const exportAudit = (parts: ExportAuditParts): Endpoint =>
  defineEndpoint({
    operation: 'exportAudit',
    tag: 'Audit',
    summary: 'Export the audit trail',
    description:
      'The whole trail, or what the filters let through, in the order of the log, as a bundle that can be verified ' +
      'without this service (`format=ndjson`: `audit verify`), or as a table for people (`format=csv`). It ends with the ' +
      'checkpoint that it is for; one without it was broken off, and `from_leaf` goes on after its last whole line. ' +
      'Every export is itself an event. A filtered export proves that its events are in the log, not that none is missing.',
    token: 'required',
    permission: READ_AUDIT,
    query: Query,
    answers: {
      200: {
        description: 'The export: the bundle, or with `format=csv` the table',
        body: null,
        texts: { 'application/x-ndjson': BUNDLE_HEAD, 'text/csv': csvHead() },
        headers: ['Content-Disposition'],
      },
    },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMIT_EXCEEDED', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      askAlsoByKey(
        parts,
        context,
        // An export reads the whole log, so few run at once, and fewer of one caller.
        (reader) => holdPlace(parts.exports, reader, () => answer(parts, { reader, context }, query)),
        { needs: 'log' },
      ),
  });
