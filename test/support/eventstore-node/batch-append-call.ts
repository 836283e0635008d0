import shared from '@eventstore/db-client/generated/shared_pb.js';
import rpc from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { asFault, type Fault } from './fault.ts';
import type { NodeState } from './node.ts';
import { admit, perform, type Answering } from './perform.ts';
import type { Proposed } from './record.ts';
import { append } from './writer.ts';
import { fill, identifier, proposedOf, sizeOf, successFields, targetOf, uuid, wrongFields } from './wire.ts';

const { BatchAppendResp } = streams;
type Response = streams.BatchAppendResp;

/** One append as far as its chunks have come; the deadline is in ms since 1970, by the client's clock. */
type Collected = ReturnType<typeof targetOf> & { correlation: string; deadline: number; events: Proposed[] };

/** Messages of `event_store.client`, in the order of the codes that the server gives them, from 2 on (wire 3.5). */
const DETAILS = 'Unknown MaximumAppendSizeExceeded Timeout StreamDeleted WrongExpectedVersion AccessDenied'.split(' ');

const response = ({ correlation, stream }: Collected): Response =>
  fill(new BatchAppendResp(), { CorrelationId: uuid(correlation), StreamIdentifier: identifier(stream) });

/** `detail` is a message's name in `event_store.client`, `Empty` is Google's, and `none` leaves the detail out. */
const refusal = (collected: Collected, detail: string, bytes: Uint8Array = new Uint8Array()): Response => {
  // A status with an empty `details` (field 3): the stubs export no constructor for it.
  const error = rpc.Status.deserializeBinary(Uint8Array.of(0x1a, 0));
  error.getDetails()?.pack(bytes, detail === 'Empty' ? 'google.protobuf.Empty' : `event_store.client.${detail}`);
  const Code = DETAILS.includes(detail) ? DETAILS.indexOf(detail) + 2 : 14;
  fill(error, { Message: detail, Code, ...(detail === 'none' ? { Details: undefined } : {}) });
  return response(collected).setError(error);
};

const respond = ({ log, maxAppendSize }: NodeState, collected: Collected): Response | undefined => {
  const { stream, expected, events } = collected;
  if (sizeOf(events) > maxAppendSize) {
    const detail = new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendSize);
    return refusal(collected, 'MaximumAppendSizeExceeded', detail.serializeBinary());
  }
  const appended = append(log, stream, expected, events);
  if (appended.kind === 'success') {
    const fields = successFields(appended, new shared.AllStreamPosition());
    return response(collected).setSuccess(fill(new BatchAppendResp.Success(), fields));
  }
  if (appended.kind === 'wrong-revision') {
    const fields = wrongFields(appended, 'CurrentStreamRevision', 'ExpectedStreamPosition');
    const detail = fill(new shared.WrongExpectedVersion(), fields);
    return refusal(collected, 'WrongExpectedVersion', detail.serializeBinary());
  }
  return appended.kind === 'deleted' ? refusal(collected, 'StreamDeleted') : undefined;
};

const finish = (node: NodeState, call: ServerDuplexStream<unknown, Response>, collected: Collected): Promise<void> => {
  const answer = (value: Response): void => void call.write(value);
  const fail = (failed: Fault): void => void call.emit('error', failed);
  const others: Answering<Response>['others'] = {
    end: () => call.end(),
    refuse: ({ detail = 'Unknown' }) => answer(refusal(collected, detail)),
    'answer-empty': () => answer(response(collected)),
    'answer-unknown': () => answer(response({ ...collected, correlation: crypto.randomUUID() })),
    'answer-twice': (_order, real) => [real, real].forEach((one) => one && answer(one)),
  };
  const order = node.misbehaviour.next('batchAppend', collected.stream);
  return perform(node, { call, answer, fail, others }, () => respond(node, collected), order);
};

/** Many appends over one stream, each in chunks, each with an answer of its own (wire 3). */
export const batchAppendCall =
  (node: NodeState): handleBidiStreamingCall<streams.BatchAppendReq, Response> =>
  (call) => {
    const collecting = new Map<string, Collected>();
    const collect = (chunk: streams.BatchAppendReq): void => {
      const correlation = chunk.getCorrelationId()?.getString() ?? '';
      const options = chunk.getOptions();
      if (options) {
        const target = targetOf(options, options.getStreamPosition());
        const deadline = Number(options.getDeadline()?.toDate() ?? Infinity);
        admit(node, call, target.stream);
        collecting.set(correlation, { correlation, ...target, deadline, events: [] });
      }
      const collected = collecting.get(correlation);
      if (!collected) return;
      collected.events.push(...chunk.getProposedMessagesList().map(proposedOf));
      const isLate = collected.deadline <= Date.now();
      if (isLate || chunk.getIsFinal()) collecting.delete(correlation);
      if (isLate) call.write(refusal(collected, 'Timeout'));
      else if (chunk.getIsFinal()) void finish(node, call, collected);
    };
    const fail = (thrown: unknown): void => void call.emit('error', asFault(thrown));
    call.on('data', (chunk: streams.BatchAppendReq) => void Promise.resolve(chunk).then(collect).catch(fail));
    call.on('end', () => call.end()).on('error', () => undefined);
  };
