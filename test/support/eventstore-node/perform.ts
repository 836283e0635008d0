import { constants, type ServerHttp2Stream } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata, sendUnaryData, ServerUnaryCall as Asked } from '@grpc/grpc-js';
import { asFault, notLeader, type Fault } from './fault.ts';
import { faultOf, type CallName, type Order } from './misbehaviour.ts';
import type { NodeState } from './node.ts';

/** A follower takes a call and forwards it, unless the caller asked for the leader (wire 2.12). */
export const admit = ({ cluster, self }: NodeState, { metadata }: { readonly metadata: Metadata }): void => {
  if (cluster.leader !== self && metadata.get('requires-leader').includes('true')) throw notLeader(cluster.leader);
};

/** How a call is answered, for good or ill. */
export interface Answering<T> {
  readonly call: object;
  answer(value: T): void;
  fail(fault: Fault): void;
  /** Does what only this kind of call can do. */
  other?(order: Order, value: T | undefined): void;
}

export const misbehave = <T>(node: NodeState, answering: Answering<T>, order: Order, value?: T): void => {
  if (order.do === 'fail') answering.fail(faultOf(order));
  else if (order.do === 'drop') node.door.drop();
  else if (order.do === 'reset') {
    // grpc-js has no public way to end the HTTP/2 stream of a call without a status.
    const { stream } = (answering.call as { call: { stream: ServerHttp2Stream } }).call;
    stream.close(constants.NGHTTP2_CANCEL);
  } else answering.other?.(order, value);
};

/** Does the work of a call and answers it, or does what was ordered. */
export const perform = async <T>(
  node: NodeState,
  answering: Answering<T>,
  order: Order | undefined,
  work: () => T | undefined,
): Promise<void> => {
  try {
    const [isLate, isBefore] = [order?.do === 'delay', order?.before === true];
    if (isLate && isBefore) await sleep(order?.ms);
    const value = isBefore && !isLate ? undefined : work();
    if (isLate && !isBefore) await sleep(order?.ms);
    if (order && !isLate) misbehave(node, answering, order, value);
    else if (value !== undefined) answering.answer(value);
  } catch (fault) {
    answering.fail(asFault(fault));
  }
};

/** A call with one question and one answer. */
export const unary =
  <Q, A>(node: NodeState, on: CallName, streamOf: (question: Q) => string, work: (call: Asked<Q, A>) => A) =>
  (call: Asked<Q, A>, callback: sendUnaryData<A>): void => {
    const answering = { call, answer: (value: A) => callback(null, value), fail: callback };
    void perform(node, answering, node.misbehaviour.next(on, streamOf(call.request)), () => work(call));
  };
