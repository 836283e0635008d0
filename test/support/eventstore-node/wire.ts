import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from './commit-check.ts';
import { missingProperty, unhandled } from './fault.ts';
import type { Message } from './follow.ts';
import type { LogRecord, Position, Proposed } from './record.ts';

const { ReadResp } = streams;
const { ReadEvent } = ReadResp;

type Fields<M> = {
  [K in keyof M as K extends `set${infer Name}` ? Name : never]?: M[K] extends (value: infer V) => unknown ? V : never;
};

/** Sets the fields of a protobuf message by their names. */
export const fill = <M extends object>(message: M, fields: Fields<M>): M => {
  const setters = message as Record<string, (value: unknown) => void>;
  for (const [name, value] of Object.entries(fields)) setters[`set${name}`]?.(value);
  return message;
};

export const empty = (): shared.Empty => new shared.Empty();
export const uuid = (id: string): shared.UUID => new shared.UUID().setString(id);
export const identifier = (stream: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'));
/** Commit and prepare, both the place of one record. */
export const at = (position: bigint): { CommitPosition: string; PreparePosition: string } => ({
  CommitPosition: String(position),
  PreparePosition: String(position),
});

export const streamNameOf = (options: { getStreamIdentifier(): shared.StreamIdentifier | undefined }): string =>
  Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();

/** `revision` is the exact one, read from the field that this message has for it. */
export const expectedOf = (
  options: { hasNoStream(): boolean; hasAny(): boolean; hasStreamExists(): boolean },
  revision: string,
): Expected => {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'stream_exists' : BigInt(revision);
};

/** The field that says in an answer what was expected. */
export const expectedField = (expected: Expected, exact: string): Record<string, unknown> => {
  const kinds = { any: 'ExpectedAny', no_stream: 'ExpectedNoStream', stream_exists: 'ExpectedStreamExists' };
  return typeof expected === 'bigint' ? { [exact]: String(expected) } : { [kinds[expected]]: empty() };
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export const proposedOf = (
  message: streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage,
): Proposed => {
  const type = message.getMetadataMap().get('type');
  const contentType = message.getMetadataMap().get('content-type');
  if (type === undefined || contentType === undefined) throw missingProperty();
  const id = message.getId()?.getString() ?? '';
  if (!UUID.test(id) || type === '') throw unhandled();
  const bytes = { data: Buffer.from(message.getData_asU8()), metadata: Buffer.from(message.getCustomMetadata_asU8()) };
  return { id, type, contentType, ...bytes };
};

export const eventResponse = (record: LogRecord): streams.ReadResp => {
  const recorded = fill(new ReadEvent.RecordedEvent(), {
    ...at(record.position),
    Id: uuid(record.id),
    StreamIdentifier: identifier(record.stream),
    StreamRevision: String(record.revision),
    Data: record.data,
    CustomMetadata: record.metadata,
  });
  const metadata = recorded.getMetadataMap();
  // Created: in units of 100 ns.
  metadata.set('type', record.type).set('content-type', record.contentType).set('created', `${record.created}0000`);
  return new ReadResp().setEvent(new ReadEvent().setEvent(recorded).setCommitPosition(String(record.position)));
};

export const streamNotFound = (stream: string): streams.ReadResp =>
  new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(identifier(stream)));

export const checkpointResponse = ({ commit, prepare }: Position): streams.ReadResp => {
  const place = { CommitPosition: String(commit), PreparePosition: String(prepare) };
  return new ReadResp().setCheckpoint(fill(new ReadResp.Checkpoint(), place));
};

export const messageResponse = (message: Message, subscription: string): streams.ReadResp => {
  if (message.kind === 'event') return eventResponse(message.record);
  if (message.kind === 'checkpoint') return checkpointResponse(message.position);
  if (message.kind === 'caught-up') return new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
  return new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(subscription));
};
