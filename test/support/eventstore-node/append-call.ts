import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  status,
  type handleClientStreamingCall,
  type handleUnaryCall,
  type ServerReadableStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { Fault, streamDeleted, unhandled } from './fault.ts';
import type { Order } from './misbehaviour.ts';
import type { NodeState } from './node.ts';
import { admit, perform, unary } from './perform.ts';
import type { Proposed } from './record.ts';
import { append, remove, type Appended, type Expected } from './writer.ts';
import { at, expectedOf, fill, proposedOf, sizeOf, streamNameOf, successFields, wrongFields } from './wire.ts';

const { AppendResp, DeleteResp, TombstoneResp } = streams;
type Call = ServerReadableStream<streams.AppendReq, streams.AppendResp>;

const respond = (appended: Appended, stream: string): streams.AppendResp | undefined => {
  if (appended.kind === 'no-answer') return undefined;
  if (appended.kind === 'deleted') throw streamDeleted(stream);
  if (appended.kind === 'success') {
    const fields = successFields(appended, new AppendResp.Position());
    return new AppendResp().setSuccess(fill(new AppendResp.Success(), fields));
  }
  // A normal answer with status OK, not an error (wire 2.4).
  const fields = wrongFields(appended, 'CurrentRevision', 'ExpectedRevision');
  return new AppendResp().setWrongExpectedVersion(fill(new AppendResp.WrongExpectedVersion(), fields));
};

const collect = async (node: NodeState, call: Call) => {
  const { maxAppendSize } = node;
  const collected: { stream: string; expected: Expected; events: Proposed[] } = {
    stream: '',
    expected: 'any',
    events: [],
  };
  let size = 0;
  for await (const message of call as AsyncIterable<streams.AppendReq>) {
    const options = message.getOptions();
    const proposed = message.getProposedMessage();
    if (options) {
      admit(node, call);
      collected.stream = streamNameOf(options);
      collected.expected = expectedOf(options, options.getRevision());
    }
    if (!proposed) continue;
    collected.events.push(proposedOf(proposed));
    size += sizeOf(collected.events.slice(-1));
    if (size <= maxAppendSize) continue;
    const trailers = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(maxAppendSize) };
    throw new Fault(status.INVALID_ARGUMENT, 'Maximum append size exceeded', trailers);
  }
  return collected;
};

/** One request as a stream of messages: options, events, half-close; then one answer (wire 2). */
export const appendCall =
  (node: NodeState): handleClientStreamingCall<streams.AppendReq, streams.AppendResp> =>
  (call, callback) => {
    const answer = (value: streams.AppendResp): void => callback(null, value);
    const other = (order: Order): void => void (order.do === 'answer-empty' && answer(new AppendResp()));
    const run = async (): Promise<void> => {
      const { stream, expected, events } = await collect(node, call);
      const work = () => respond(append(node.log, stream, expected, events), stream);
      await perform(node, { call, answer, fail: callback, other }, node.misbehaviour.next('append', stream), work);
    };
    // A caller who went away in the middle comes here too; nothing was written.
    run().catch((fault: unknown) => callback(fault instanceof Fault ? fault : unhandled()));
  };

type Removal = streams.DeleteReq | streams.TombstoneReq;
const nameOf = (request: Removal): string => streamNameOf(request.getOptions()!);

const removal = (node: NodeState, call: ServerUnaryCall<Removal, object>, tombstone: boolean, place: object) => {
  admit(node, call);
  const options = call.request.getOptions()!;
  const { position } = remove(node.log, nameOf(call.request), expectedOf(options, options.getRevision()), tombstone);
  return { Position: fill(place, at(position)) };
};

export const deleteCall = (node: NodeState): handleUnaryCall<streams.DeleteReq, streams.DeleteResp> =>
  unary(
    node,
    'delete',
    (call) => fill(new DeleteResp(), removal(node, call, false, new DeleteResp.Position())),
    nameOf,
  );

export const tombstoneCall = (node: NodeState): handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp> =>
  unary(
    node,
    'tombstone',
    (call) => fill(new TombstoneResp(), removal(node, call, true, new TombstoneResp.Position())),
    nameOf,
  );
