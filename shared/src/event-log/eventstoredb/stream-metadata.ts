import type { RecordedEvent } from '@eventstore/db-client';
import { ConfigError } from '../../process/start-error.ts';
import { followRecords } from './follow-records.ts';
import type { ReadParts } from './read-records.ts';
import { STREAM_METADATA } from './server-filter.ts';

/** Settings that make the server hide or throw away events. There is none for the whole database (wire 7.4). */
const LOSING = ['$maxCount', '$maxAge', '$tb'];

/**
 * Looks through the metadata of all streams. Throws ConfigError naming the streams from which events can be lost.
 * Gives false when `signal` came before the log's end.
 */
export const checkStreamMetadata = async (parts: ReadParts, signal: AbortSignal): Promise<boolean> => {
  const losing = new Map<string, readonly string[]>();
  const onFault = (): undefined => undefined;
  for await (const page of followRecords(parts, {
    after: null,
    wanted: STREAM_METADATA,
    signal,
    limit: 500,
    onFault,
  })) {
    for (const record of page.records) losing.set(record.streamId.slice(2), settingsOf(record));
    if (!page.atEnd) continue;
    const found = [...losing].filter(([, names]) => names.length > 0);
    if (found.length === 0) return true;
    const list = found.map(([stream, names]) => `${stream} (${names.join(', ')})`).join('; ');
    throw new ConfigError(`Events can be lost from streams of the log. Remove these settings of theirs: ${list}.`);
  }
  return false;
};

const settingsOf = ({ data }: RecordedEvent): readonly string[] =>
  LOSING.filter((name) => typeof data === 'object' && Object.hasOwn(data, name));
