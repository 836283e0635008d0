import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import { HOUR, toInstant } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { recordReading, streamOfReader, type RecordReadingPorts } from './record-reading.handle.ts';

/**
 * Records that somebody reads the history of another person, once an hour; null: it stands in the log, or it is their
 * own. Nothing of that person may be shown before.
 */
export const recordHistoryRead = async (
  ports: RecordReadingPorts,
  reader: Reader,
  context: RequestContext,
  subject: string,
): Promise<Rejection | null> => {
  if (!isService(reader) && reader.userId === subject) return null;
  const hour = Math.floor(ports.clock.now() / HOUR) * HOUR;
  const from = toInstant(hour);
  const id = derivedUuid('history-read', streamOfReader(reader), subject, from);
  const event = { type: 'HistoryRead', data: { subject, from }, personal: null } as const;
  // An event of this hour was recorded by a clock that had reached it, or behind one that had.
  const recorded = await recordReading(ports, reader, context, { event, id, since: hour });
  return isRejection(recorded) ? recorded : null;
};
