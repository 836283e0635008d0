import type { JSONEventData, RecordedEvent } from '@eventstore/db-client';
import { UnreadableEvent } from '../errors.ts';
import type { EventMetadata, JsonObject, SealedPart, StoredEvent, UnplacedEvent } from '../event.ts';
import { toPosition } from './log-place.ts';

/** An event's data in EventStoreDB. Id, type, stream and revision are the server's own fields. */
export interface StoredData {
  readonly schemaVersion: number;
  readonly recordedAt: string;
  readonly data: JsonObject;
  readonly personal: readonly SealedPart[];
}

/** What one append carries; the same objects, so the same bytes, in every try. */
export type ProposedEvent = JSONEventData;

export const toProposed = ({ id, type, schemaVersion, recordedAt, data, personal, metadata }: UnplacedEvent) => {
  const stored: StoredData = { schemaVersion, recordedAt, data, personal };
  return {
    id,
    type,
    contentType: 'application/json',
    data: stored as unknown as Record<string, unknown>,
    metadata: metadata as unknown as Record<string, unknown>,
  } satisfies ProposedEvent;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const isStoredData = (value: unknown): value is StoredData =>
  isObject(value) &&
  typeof value['schemaVersion'] === 'number' &&
  typeof value['recordedAt'] === 'string' &&
  isObject(value['data']) &&
  Array.isArray(value['personal']);

/** Throws UnreadableEvent for what Rollbook did not write: the database is meant for it alone. */
export const toStored = ({ id, type, streamId, revision, position, data, metadata }: RecordedEvent): StoredEvent => {
  if (!isStoredData(data) || !isObject(metadata) || !position)
    throw new UnreadableEvent(`Event ${id} of ${streamId} was not written by Rollbook`);
  return {
    id,
    type,
    schemaVersion: data.schemaVersion,
    stream: streamId,
    revision: Number(revision),
    position: toPosition(position),
    recordedAt: data.recordedAt,
    data: data.data,
    personal: data.personal,
    metadata: metadata as unknown as EventMetadata,
  };
};
