import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { unhandled } from './fault.ts';
import type { Message } from './follow.ts';
import type { LogRecord, Proposed } from './record.ts';
import type { Expected, Success, Wrong } from './writer.ts';

const { ReadResp } = streams;

/** Sets the fields of a protobuf message by their names; a name that it does not have throws. */
export const fill = <M extends object>(message: M, fields: Readonly<Record<string, unknown>>): M => {
  const setters = message as Record<string, (value: unknown) => void>;
  for (const [name, value] of Object.entries(fields)) setters[`set${name}`]!(value);
  return message;
};

const empty = new shared.Empty();
export const uuid = (id: string): shared.UUID => new shared.UUID().setString(id);
export const identifier = (stream: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'));
export const at = (commit: bigint, prepare = commit) =>
  ({ CommitPosition: String(commit), PreparePosition: String(prepare) }) as const;

type Named = { getStreamIdentifier(): shared.StreamIdentifier | undefined };
export const streamNameOf = (options: Named): string =>
  Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();

export type Target = { readonly stream: string; readonly expected: Expected };
type TargetOptions = Named & Record<'hasNoStream' | 'hasAny' | 'hasStreamExists', () => boolean>;
/** Where events are to go; `revision` is the exact one, read from the field that this message has for it. */
export const targetOf = (options: TargetOptions, revision: string): Target => {
  const kind = options.hasNoStream() ? 'no_stream' : options.hasAny() ? 'any' : undefined;
  const expected = kind ?? (options.hasStreamExists() ? 'stream_exists' : BigInt(revision));
  return { stream: streamNameOf(options), expected };
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export const proposedOf = (message: streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage) => {
  const [type = '', contentType = ''] = ['type', 'content-type'].map((key) => message.getMetadataMap().get(key));
  const id = message.getId()?.getString() ?? '';
  if (!UUID.test(id) || type === '') throw unhandled();
  const bytes = { data: Buffer.from(message.getData_asU8()), metadata: Buffer.from(message.getCustomMetadata_asU8()) };
  return { id, type, contentType, ...bytes } satisfies Proposed;
};

/** Bytes that count against the limit of an append (wire 2.7). */
export const sizeOf = (events: readonly Proposed[]): number =>
  events.reduce((sum, { data, metadata, type }) => sum + data.length + metadata.length + 2 * type.length, 0);

/** The fields of a success; the two ways to append have different messages, and these in common. */
export const successFields = ({ revision, position }: Success, place: object) => ({
  ...(revision < 0n ? { NoStream: empty } : { CurrentRevision: String(revision) }),
  ...(position === undefined ? { NoPosition: empty } : { Position: fill(place, at(position)) }),
});

const KINDS = { any: 'ExpectedAny', no_stream: 'ExpectedNoStream', stream_exists: 'ExpectedStreamExists' };
/** The fields of a wrong revision, with what each message calls a revision that exists, and an exact one. */
export const wrongFields = (wrong: Wrong, has: string, exact: string) => ({
  ...(wrong.current < 0n ? { CurrentNoStream: empty } : { [has]: String(wrong.current) }),
  ...(typeof wrong.expected === 'bigint' ? { [exact]: String(wrong.expected) } : { [KINDS[wrong.expected]]: empty }),
});

export const eventResponse = (record: LogRecord): streams.ReadResp => {
  const { stream, revision, position, id, type, contentType, data, metadata } = record;
  const where = { StreamIdentifier: identifier(stream), StreamRevision: String(revision), ...at(position) };
  const fields = { Id: uuid(id), ...where, Data: data, CustomMetadata: metadata };
  const recorded = fill(new ReadResp.ReadEvent.RecordedEvent(), fields);
  // Created: in units of 100 ns.
  const more = { type, 'content-type': contentType, created: `${record.created}0000` };
  for (const [key, value] of Object.entries(more)) recorded.getMetadataMap().set(key, value);
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(position)));
};

export const messageResponse = (message: Message, id: string): streams.ReadResp => {
  if (message === 'caught-up') return new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
  const confirmation = new ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
  if (message === 'confirmation') return new ReadResp().setConfirmation(confirmation);
  if ('stream' in message) return eventResponse(message);
  return new ReadResp().setCheckpoint(fill(new ReadResp.Checkpoint(), at(message.commit, message.prepare)));
};
