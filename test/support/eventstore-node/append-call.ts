import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { handleClientStreamingCall, ServerReadableStream } from '@grpc/grpc-js';
import { asFault, streamDeleted, tooLarge } from './fault.ts';
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
  const events: Proposed[] = [];
  let [stream, size] = ['', 0];
  let expected: Expected = 'any';
  for await (const message of call as AsyncIterable<streams.AppendReq>) {
    const options = message.getOptions();
    const proposed = message.getProposedMessage();
    if (options) {
      admit(node, call);
      stream = streamNameOf(options);
      expected = expectedOf(options, options.getRevision());
    }
    if (!proposed) continue;
    events.push(proposedOf(proposed));
    size += sizeOf(events.slice(-1));
    if (size > node.maxAppendSize) throw tooLarge(node.maxAppendSize);
  }
  return { stream, expected, events };
};

/** One request as a stream of messages: options, events, half-close; then one answer (wire 2). */
export const appendCall =
  (node: NodeState): handleClientStreamingCall<streams.AppendReq, streams.AppendResp> =>
  (call, callback) => {
    const answer = (value: streams.AppendResp): void => callback(null, value);
    const other = (order: Order): void => {
      if (order.do === 'answer-empty') answer(new AppendResp());
    };
    const run = async (): Promise<void> => {
      const { stream, expected, events } = await collect(node, call);
      const work = () => respond(append(node.log, stream, expected, events), stream);
      await perform(node, { call, answer, fail: callback, other }, node.misbehaviour.next('append', stream), work);
    };
    // A caller who went away in the middle comes here too; nothing was written.
    run().catch((fault: unknown) => callback(asFault(fault)));
  };

type Removal = streams.DeleteReq | streams.TombstoneReq;
const nameOf = (request: Removal): string => streamNameOf(request.getOptions()!);

const removal = <A extends object>(node: NodeState, on: 'delete' | 'tombstone', answer: () => A, place: () => object) =>
  unary<Removal, A>(node, on, nameOf, (call) => {
    admit(node, call);
    const options = call.request.getOptions()!;
    const expected = expectedOf(options, options.getRevision());
    const { position } = remove(node.log, nameOf(call.request), expected, on === 'tombstone');
    return fill(answer(), { Position: fill(place(), at(position)) });
  });

export const deleteCall = (node: NodeState) =>
  removal(
    node,
    'delete',
    () => new DeleteResp(),
    () => new DeleteResp.Position(),
  );
export const tombstoneCall = (node: NodeState) =>
  removal(
    node,
    'tombstone',
    () => new TombstoneResp(),
    () => new TombstoneResp.Position(),
  );
