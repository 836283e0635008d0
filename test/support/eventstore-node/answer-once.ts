import { constants, type ServerHttp2Stream } from 'node:http2';
import type { sendUnaryData } from '@grpc/grpc-js';
import type { CallContext } from './call-context.ts';
import { Fault } from './fault.ts';
import { faultOf, type Ending } from './misbehaviour.ts';

/** Ends the HTTP/2 stream of a call without a status; grpc-js has no public way to do it. */
export const reset = (call: object): void => {
  (call as unknown as { call: { stream: ServerHttp2Stream } }).call.stream.close(constants.NGHTTP2_CANCEL);
};

/** Answers a call that has one answer, or misbehaves as ordered. */
export const answerOnce = async <T>(
  context: Pick<CallContext, 'dropConnections'>,
  call: object,
  callback: sendUnaryData<T>,
  empty: T,
  work: () => Ending<T> | Promise<Ending<T>>,
): Promise<void> => {
  try {
    const ending = await work();
    if (ending.kind === 'answer') callback(null, ending.value);
    else if (ending.order.do === 'fail') callback(faultOf(ending.order));
    else if (ending.order.do === 'reset') reset(call);
    else if (ending.order.do === 'drop') context.dropConnections();
    else if (ending.order.do === 'answer-empty') callback(null, empty);
  } catch (fault) {
    if (fault instanceof Fault) callback(fault);
    // Otherwise the caller went away in the middle; nothing was written.
  }
};
