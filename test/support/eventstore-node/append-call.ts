import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { handleClientStreamingCall, ServerReadableStream } from '@grpc/grpc-js';
import { asFault, streamDeleted, tooLarge, unhandled } from './fault.ts';
import type { NodeState } from './node.ts';
import { admit, perform, streamOf, unary } from './perform.ts';
import type { Proposed } from './record.ts';
import { append, remove, type Appended } from './writer.ts';
import { at, fill, proposedOf, sizeOf, successFields, targetOf, wrongFields, type Target } from './wire.ts';

const { AppendResp, DeleteResp, TombstoneResp } = streams;
type Collected = Target & { readonly events: Proposed[] };
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

const collect = async (node: NodeState, call: Call): Promise<Collected> => {
  const events: Proposed[] = [];
  let target: Target = { stream: '', expected: 'any' };
  for await (const message of call as AsyncIterable<streams.AppendReq>) {
    const [options, proposed] = [message.getOptions(), message.getProposedMessage()];
    if (options) target = targetOf(options, options.getRevision());
    if (options) admit(node, call, target.stream);
    if (proposed) events.push(proposedOf(proposed));
    if (sizeOf(events) > node.maxAppendSize) throw tooLarge(node.maxAppendSize);
  }
  // To grpc-js the reset of a call looks like its end: then what has come is not all (wire 2.2, 2.11).
  if (streamOf(call).aborted || streamOf(call).destroyed) throw unhandled();
  return { ...target, events };
};

/** One request as a stream of messages: options, events, half-close; then one answer (wire 2). */
export const appendCall =
  (node: NodeState): handleClientStreamingCall<streams.AppendReq, streams.AppendResp> =>
  (call, callback) => {
    const answer = (value: streams.AppendResp): void => callback(null, value);
    const answering = { call, answer, fail: callback, others: { 'answer-empty': () => answer(new AppendResp()) } };
    const work = ({ stream, expected, events }: Collected): Promise<void> => {
      const order = node.misbehaviour.next('append', stream);
      return perform(node, answering, () => respond(append(node.log, stream, expected, events), stream), order);
    };
    // A caller who went away in the middle comes to the second; nothing was written.
    void collect(node, call).then(work, (thrown: unknown) => callback(asFault(thrown)));
  };

/** With `tombstone` for ever; otherwise as a soft delete. */
export const removeCall = (node: NodeState, on: 'delete' | 'tombstone') =>
  unary<streams.DeleteReq | streams.TombstoneReq, object>(node, on, (call) => {
    const options = call.request.getOptions()!;
    const { stream, expected } = targetOf(options, options.getRevision());
    admit(node, call, stream);
    const { position } = remove(node.log, stream, expected, on === 'tombstone');
    const Answer = on === 'tombstone' ? TombstoneResp : DeleteResp;
    return fill(new Answer(), { Position: fill(new Answer.Position(), at(position)) });
  });
