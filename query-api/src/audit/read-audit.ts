import type { Access } from '@rollbook/shared/contracts/access';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { QueryParts } from '../read-model/ask.ts';
import { endedByTimeout } from '../read-model/database-faults.ts';
import type { JsonQuery, ReadModel, Snapshot } from '../read-model/read-model.ts';
import type { RecordReadingPorts } from '../record-reading/record-reading.handle.ts';
import type { CheckedLogParts } from './checked-log.ts';

/** What the queries of the audit trail need; `readModel` is the audit index. */
export interface AuditParts extends QueryParts, CheckedLogParts {
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
