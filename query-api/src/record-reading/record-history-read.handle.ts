import type { Rejection } from '@rollbook/shared/contracts/rejections';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import { HOUR, toInstant } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { recordReadings, streamOfReader, type RecordReadingPorts } from './record-reading.handle.ts';

/**
 * Records that somebody reads the histories of other people, of each once an hour; null: it stands in the log, or there
 * is nobody but themselves. Nothing of these people may be shown before.
 */
export const recordHistoryRead = (
  ports: RecordReadingPorts,
  reader: Reader,
  context: RequestContext,
  ...subjects: readonly string[]
): Promise<Rejection | null> => {
  const hour = Math.floor(ports.clock.now() / HOUR) * HOUR;
  const from = toInstant(hour);
  const others = [...new Set(subjects)].filter((subject) => isService(reader) || reader.userId !== subject);
  const readings = others.map((subject) => ({
    event: { type: 'HistoryRead', data: { subject, from }, personal: null } as const,
    id: derivedUuid('history-read', streamOfReader(reader), subject, from),
  }));
  // An event of this hour was recorded by a clock that had reached it, or behind one that had.
  return recordReadings(ports, reader, context, { readings, since: hour });
};
