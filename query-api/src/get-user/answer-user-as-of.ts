import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { Answer, Refusal, RequestContext } from '@rollbook/shared/http/endpoint';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { pickFields, type FieldsWanted } from '../read-model/fields.ts';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { recordHistoryRead } from '../record-reading/record-history-read.handle.ts';
import type { RecordReadingPorts } from '../record-reading/record-reading.handle.ts';
import { readAsOf, type AsOfParts } from './read-as-of.ts';
import { userAsOf } from './user-as-of.ts';
import { refuseHistory } from './who-may-read-history.ts';

/** The headers of an answer that was made from the log: to where it was read, and that it lags behind nothing. */
export const logHeaders = (position: string | null): Readonly<Record<string, string>> => ({
  'Projection-Position': position ?? '',
  'Projection-Lag-Ms': '0',
});

export interface UserAsOfParts extends AsOfParts {
  readonly readings: RecordReadingPorts;
}

/**
 * One person for one caller, as they were. Who may ask is decided by what the person is now; that they ask of another is
 * recorded before anything is shown. No ETag: a person as they were is nothing that a command could be conditional on.
 */
export const answerUserAsOf = async (
  parts: UserAsOfParts,
  { reader, context }: { readonly reader: Reader; readonly context: RequestContext },
  { id, asOf, fields }: { readonly id: string; readonly asOf: string; readonly fields?: FieldsWanted },
): Promise<Answer | Rejection | Refusal> => {
  const point = await readAsOf(parts, asOf);
  if (isRejection(point)) return point;
  const headers = logHeaders(point.position);
  const { events } = await parts.log.read(userStream(id));
  const person = foldPerson(events);
  const refused = refuseHistory(reader, person);
  if (refused) return { ...refused, headers };
  // No API key learns here that somebody was erased, as it does not where they are shown as they are.
  if (isService(reader) && person.existence === 'erased') return { ...reject('not_found'), headers };
  const user = await userAsOf(parts.log, id, events, point.cut);
  if (user === null) return { ...reject('not_found'), headers };
  const unrecorded = await recordHistoryRead(parts.readings, reader, context, id);
  return unrecorded ?? { status: 200, body: pickFields(user, fields), headers };
};
