import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { handleClientStreamingCall, handleUnaryCall } from '@grpc/grpc-js';
import { answerOnce } from './answer-once.ts';
import { admit, type CallContext } from './call-context.ts';
import type { Expected } from './commit-check.ts';
import { appendTooLarge, streamDeleted } from './fault.ts';
import { carryOut, type Ending } from './misbehaviour.ts';
import { countedBytes, type Proposed } from './record.ts';
import { append, deleteStream, tombstoneStream, type Appended } from './writer.ts';
import { at, empty, expectedField, expectedOf, fill, proposedOf, streamNameOf } from './wire.ts';

const { AppendResp, DeleteResp, TombstoneResp } = streams;

const respond = (appended: Appended, stream: string, expected: Expected): Ending<streams.AppendResp> => {
  if (appended.kind === 'deleted') throw streamDeleted(stream);
  if (appended.kind === 'no-answer') return { kind: 'deed', order: { on: 'append', do: 'lose-answer' } };
  if (appended.kind === 'wrong-revision') {
    const { current } = appended;
    // A normal answer with status OK, not an error (wire 2.4).
    const answer = fill(new AppendResp.WrongExpectedVersion(), {
      ...(current < 0n ? { CurrentNoStream: empty() } : { CurrentRevision: String(current) }),
      ...expectedField(expected, 'ExpectedRevision'),
    });
    return { kind: 'answer', value: new AppendResp().setWrongExpectedVersion(answer) };
  }
  const { revision, position } = appended;
  const answer = fill(new AppendResp.Success(), {
    ...(revision < 0n ? { NoStream: empty() } : { CurrentRevision: String(revision) }),
    ...(position === undefined ? { NoPosition: empty() } : { Position: fill(new AppendResp.Position(), at(position)) }),
  });
  return { kind: 'answer', value: new AppendResp().setSuccess(answer) };
};

/** One request as a stream of messages: options, events, half-close; then one answer (wire 2). */
export const appendCall =
  (context: CallContext): handleClientStreamingCall<streams.AppendReq, streams.AppendResp> =>
  (call, callback) =>
    void answerOnce(context, call, callback, new AppendResp(), async () => {
      let stream = '';
      let expected: Expected = 'any';
      let size = 0;
      const events: Proposed[] = [];
      for await (const message of call as AsyncIterable<streams.AppendReq>) {
        const options = message.getOptions();
        const proposed = message.getProposedMessage();
        if (options) {
          admit(context, call);
          stream = streamNameOf(options);
          expected = expectedOf(options, options.getRevision());
        }
        if (!proposed) continue;
        events.push(proposedOf(proposed));
        size += countedBytes(events.at(-1)!);
        if (size > context.maxAppendSize) throw appendTooLarge(context.maxAppendSize);
      }
      const order = context.misbehaviour.next('append', stream);
      const ending = await carryOut(order, () => append(context.log, stream, expected, events));
      return ending.kind === 'deed' ? ending : respond(ending.value, stream, expected);
    });

export const deleteCall =
  (context: CallContext): handleUnaryCall<streams.DeleteReq, streams.DeleteResp> =>
  (call, callback) =>
    void answerOnce(context, call, callback, new DeleteResp(), () => {
      admit(context, call);
      const options = call.request.getOptions()!;
      const stream = streamNameOf(options);
      return carryOut(context.misbehaviour.next('delete', stream), () => {
        const { position } = deleteStream(context.log, stream, expectedOf(options, options.getRevision()));
        return new DeleteResp().setPosition(fill(new DeleteResp.Position(), at(position)));
      });
    });

export const tombstoneCall =
  (context: CallContext): handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp> =>
  (call, callback) =>
    void answerOnce(context, call, callback, new TombstoneResp(), () => {
      admit(context, call);
      const options = call.request.getOptions()!;
      const stream = streamNameOf(options);
      return carryOut(context.misbehaviour.next('tombstone', stream), () => {
        const { position } = tombstoneStream(context.log, stream, expectedOf(options, options.getRevision()));
        return new TombstoneResp().setPosition(fill(new TombstoneResp.Position(), at(position)));
      });
    });
