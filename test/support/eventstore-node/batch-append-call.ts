import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { reset } from './answer-once.ts';
import { admit, type CallContext } from './call-context.ts';
import type { Expected } from './commit-check.ts';
import { Fault, unhandled } from './fault.ts';
import { carryOut, faultOf, type Order } from './misbehaviour.ts';
import { countedBytes, type Proposed } from './record.ts';
import { append, type Appended } from './writer.ts';
import { at, empty, expectedField, expectedOf, fill, identifier, proposedOf, streamNameOf, uuid } from './wire.ts';

const { BatchAppendResp } = streams;
type Call = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface Collected {
  readonly correlation: string;
  readonly stream: string;
  readonly expected: Expected;
  /** In ms since 1970, by the client's clock. */
  readonly deadline: number;
  readonly events: Proposed[];
}

/** The details in `event_store.client` in the order of the rpc codes that the server gives them, from 2 on (wire 3.5). */
const DETAILS = [
  'Unknown',
  'MaximumAppendSizeExceeded',
  'Timeout',
  'StreamDeleted',
  'WrongExpectedVersion',
  'AccessDenied',
];

const response = ({ correlation, stream }: Collected): streams.BatchAppendResp =>
  fill(new BatchAppendResp(), { CorrelationId: uuid(correlation), StreamIdentifier: identifier(stream) });

/** `detail` is a message's name in `event_store.client`, `Empty` is Google's, and `none` leaves the detail out. */
const refusal = (
  collected: Collected,
  detail: string,
  bytes: Uint8Array = new Uint8Array(),
): streams.BatchAppendResp => {
  // A status with an empty `details` (field 3): the stubs export no constructor for it.
  const error = status.Status.deserializeBinary(Uint8Array.of(0x1a, 0)).setMessage(detail);
  error.setCode(DETAILS.includes(detail) ? DETAILS.indexOf(detail) + 2 : 14);
  error.getDetails()?.pack(bytes, detail === 'Empty' ? 'google.protobuf.Empty' : `event_store.client.${detail}`);
  if (detail === 'none') error.setDetails();
  return response(collected).setError(error);
};

const respond = (collected: Collected, appended: Appended): streams.BatchAppendResp | undefined => {
  if (appended.kind === 'no-answer') return undefined;
  if (appended.kind === 'deleted') {
    const detail = new shared.StreamDeleted().setStreamIdentifier(identifier(collected.stream));
    return refusal(collected, 'StreamDeleted', detail.serializeBinary());
  }
  if (appended.kind === 'wrong-revision') {
    const { current } = appended;
    const detail = fill(new shared.WrongExpectedVersion(), {
      ...(current < 0n ? { CurrentNoStream: empty() } : { CurrentStreamRevision: String(current) }),
      ...expectedField(collected.expected, 'ExpectedStreamPosition'),
    });
    return refusal(collected, 'WrongExpectedVersion', detail.serializeBinary());
  }
  const { revision, position } = appended;
  const place = position === undefined ? undefined : fill(new shared.AllStreamPosition(), at(position));
  const answer = fill(new BatchAppendResp.Success(), {
    ...(revision < 0n ? { NoStream: empty() } : { CurrentRevision: String(revision) }),
    ...(place ? { Position: place } : { NoPosition: empty() }),
  });
  return response(collected).setSuccess(answer);
};

const misbehave = (
  context: CallContext,
  call: Call,
  order: Order,
  collected: Collected,
  real: streams.BatchAppendResp | undefined,
): void => {
  if (order.do === 'fail') call.emit('error', faultOf(order));
  else if (order.do === 'end') call.end();
  else if (order.do === 'reset') reset(call);
  else if (order.do === 'drop') context.dropConnections();
  else if (order.do === 'refuse') call.write(refusal(collected, order.detail));
  else if (order.do === 'answer-empty') call.write(response(collected));
  else if (order.do === 'answer-unknown') call.write(response({ ...collected, correlation: crypto.randomUUID() }));
  else if (order.do === 'answer-twice' && real) for (const answer of [real, real]) call.write(answer);
};

const finish = async (context: CallContext, call: Call, collected: Collected): Promise<void> => {
  const { stream, expected, events } = collected;
  if (events.reduce((sum, event) => sum + countedBytes(event), 0) > context.maxAppendSize) {
    const detail = new shared.MaximumAppendSizeExceeded().setMaxappendsize(context.maxAppendSize);
    return void call.write(refusal(collected, 'MaximumAppendSizeExceeded', detail.serializeBinary()));
  }
  let answer: streams.BatchAppendResp | undefined;
  const ending = await carryOut(context.misbehaviour.next('batchAppend', stream), () => {
    answer = respond(collected, append(context.log, stream, expected, events));
  });
  if (ending.kind === 'deed') misbehave(context, call, ending.order, collected, answer);
  else if (answer) call.write(answer);
};

/** Many appends over one stream, each in chunks, each with an answer of its own (wire 3). */
export const batchAppendCall =
  (context: CallContext): handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp> =>
  (call) => {
    const collecting = new Map<string, Collected>();
    const collect = (chunk: streams.BatchAppendReq): void => {
      const correlation = chunk.getCorrelationId()?.getString() ?? '';
      const options = chunk.getOptions();
      if (options) {
        admit(context, call);
        const deadline = Number(options.getDeadline()?.toDate() ?? Infinity);
        const expected = expectedOf(options, options.getStreamPosition());
        collecting.set(correlation, { correlation, stream: streamNameOf(options), expected, deadline, events: [] });
      }
      const collected = collecting.get(correlation);
      if (!collected) return;
      collected.events.push(...chunk.getProposedMessagesList().map(proposedOf));
      const isLate = collected.deadline <= Date.now();
      if (isLate || chunk.getIsFinal()) collecting.delete(correlation);
      if (isLate) call.write(refusal(collected, 'Timeout'));
      else if (chunk.getIsFinal()) void finish(context, call, collected);
    };
    call.on('data', (chunk: streams.BatchAppendReq) => {
      try {
        collect(chunk);
      } catch (fault) {
        call.emit('error', fault instanceof Fault ? fault : unhandled());
      }
    });
    call.on('end', () => call.end()).on('error', () => undefined);
  };
