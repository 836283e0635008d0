import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Fault, unhandled } from './fault.ts';
import type { Message } from './follow.ts';
import type { LogRecord, Proposed } from './record.ts';
import type { Appended, Expected } from './writer.ts';

const { ReadResp } = streams;
const { ReadEvent } = ReadResp;

/** Sets the fields of a protobuf message by their names; a name that it does not have throws. */
export const fill = <M extends object>(message: M, fields: Readonly<Record<string, unknown>>): M => {
  const setters = message as Record<string, (value: unknown) => void>;
  for (const [name, value] of Object.entries(fields)) setters[`set${name}`]!(value);
  return message;
};

export const uuid = (id: string): shared.UUID => new shared.UUID().setString(id);
export const identifier = (stream: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'));
export const at = (commit: bigint, prepare = commit): { CommitPosition: string; PreparePosition: string } => ({
  CommitPosition: String(commit),
  PreparePosition: String(prepare),
});

export const streamNameOf = (options: { getStreamIdentifier(): shared.StreamIdentifier | undefined }): string =>
  Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();

type ExpectedOptions = Record<'hasNoStream' | 'hasAny' | 'hasStreamExists', () => boolean>;
/** `revision` is the exact one, read from the field that this message has for it. */
export const expectedOf = (options: ExpectedOptions, revision: string): Expected => {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'stream_exists' : BigInt(revision);
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

type ProposedMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

export const proposedOf = (message: ProposedMessage): Proposed => {
  const type = message.getMetadataMap().get('type');
  const contentType = message.getMetadataMap().get('content-type');
  if (type === undefined || contentType === undefined) {
    const trailers = { 'required-metadata-properties': 'type,content-type' };
    throw new Fault(3, 'Required property missing', { exception: 'missing-required-metadata-property', ...trailers });
  }
  const id = message.getId()?.getString() ?? '';
  if (!UUID.test(id) || type === '') throw unhandled();
  const bytes = { data: Buffer.from(message.getData_asU8()), metadata: Buffer.from(message.getCustomMetadata_asU8()) };
  return { id, type, contentType, ...bytes };
};

/** Bytes that count against the limit of an append (wire 2.7). */
export const sizeOf = (events: readonly Proposed[]): number =>
  events.reduce((sum, { data, metadata, type }) => sum + data.length + metadata.length + 2 * type.length, 0);

/** The fields of a success; the two ways to append have different messages, and these in common. */
export const successFields = ({ revision, position }: Appended & { kind: 'success' }, place: object) => ({
  ...(revision < 0n ? { NoStream: new shared.Empty() } : { CurrentRevision: String(revision) }),
  ...(position === undefined ? { NoPosition: new shared.Empty() } : { Position: fill(place, at(position)) }),
});

/** The fields of a wrong revision, with what each message calls a revision that exists, and an exact one. */
export const wrongFields = (
  { current, expected }: Appended & { kind: 'wrong-revision' },
  has: string,
  exact: string,
) => {
  const kinds = { any: 'ExpectedAny', no_stream: 'ExpectedNoStream', stream_exists: 'ExpectedStreamExists' };
  return {
    ...(current < 0n ? { CurrentNoStream: new shared.Empty() } : { [has]: String(current) }),
    ...(typeof expected === 'bigint' ? { [exact]: String(expected) } : { [kinds[expected]]: new shared.Empty() }),
  };
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

export const messageResponse = (message: Message, id: string): streams.ReadResp => {
  if (message === 'caught-up') return new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
  const confirmation = new ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
  if (message === 'confirmation') return new ReadResp().setConfirmation(confirmation);
  if ('stream' in message) return eventResponse(message);
  return new ReadResp().setCheckpoint(fill(new ReadResp.Checkpoint(), at(message.commit, message.prepare)));
};
