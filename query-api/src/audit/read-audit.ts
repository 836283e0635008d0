import type { Access } from '@rollbook/shared/contracts/access';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import type { QueryParts } from '../read-model/ask.ts';
import { endedByTimeout } from '../read-model/database-faults.ts';
import type { Reader } from '../read-model/query-authority.ts';
import type { JsonQuery, ReadModel, Snapshot } from '../read-model/read-model.ts';
import { recordHistoryRead } from '../record-reading/record-history-read.handle.ts';
import type { RecordReadingPorts } from '../record-reading/record-reading.handle.ts';
import type { AuditFilters } from './audit-filters.ts';

/** What the queries of the audit trail need; `readModel` is the audit index. */
export interface AuditParts extends QueryParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly readings: RecordReadingPorts;
}

/** Who reads the audit trail. */
export const READ_AUDIT = {
  who: 'permitted',
  may: 'read_audit',
  scope: 'audit:read',
} as const satisfies Access;

/** Reads the index; what takes too long is refused where the caller can help it: then the filters are named. */
export const readIndex = async <Found>(
  readModel: ReadModel,
  query: JsonQuery,
  filters: readonly string[],
): Promise<Snapshot<Found> | Rejection> => {
  try {
    return await readModel.read<Found>(query);
  } catch (fault) {
    if (!endedByTimeout(fault) || filters.length === 0) throw fault;
    const message = 'takes too long together with the rest: narrow the time';
    return reject('invalid_input', { details: filters.map((field) => ({ field, code: 'too_broad', message })) });
  }
};

/** The persons whom filters single out: what somebody did is their history as much as what was done to them. */
export const recordFiltered = async (
  parts: AuditParts,
  asking: { readonly reader: Reader; readonly context: RequestContext },
  { subject, actor }: AuditFilters,
): Promise<Rejection | null> => {
  const person = actor === 'system' || actor === 'anonymous' || actor === subject ? undefined : actor;
  return (await recordSubject(parts, asking, subject)) ?? (await recordSubject(parts, asking, person));
};

/**
 * Whoever singles out one person in the trail reads that person's history, which is an event; null: it is recorded, or
 * there never was such a person.
 */
export const recordSubject = async (
  { log, readings }: AuditParts,
  asking: { readonly reader: Reader; readonly context: RequestContext },
  subject: string | null | undefined,
): Promise<Rejection | null> => {
  if (subject === null || subject === undefined) return null;
  const { events } = await log.read(userStream(subject), { limit: 1 });
  if (events.length === 0) return null;
  const recorded = await recordHistoryRead(readings, asking.reader, asking.context, subject);
  return recorded !== null && isRejection(recorded) ? recorded : null;
};
