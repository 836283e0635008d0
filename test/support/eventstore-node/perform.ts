import { constants, type ServerHttp2Stream } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata, sendUnaryData, ServerUnaryCall as Asked } from '@grpc/grpc-js';
import { asFault, fault, notLeader, type Fault } from './fault.ts';
import type { CallName, Order } from './misbehaviour.ts';
import type { NodeLog } from './node-log.ts';
import type { NodeState } from './node.ts';

/** Throws what a caller gets who may not use this stream. */
export type Guard = (call: { readonly metadata: Metadata }, stream: string, log: NodeLog) => void;

/** A follower takes a call and forwards it, unless the caller asked for the leader (wire 2.12). */
export const admit = ({ guard, cluster, self, log }: NodeState, call: Parameters<Guard>[0], stream: string): void => {
  guard?.(call, stream, log);
  if (cluster.leader !== self && call.metadata.get('requires-leader').includes('true')) throw notLeader(cluster.leader);
};

/** The HTTP/2 stream below a call; grpc-js has no public way to it. */
export const streamOf = (call: object) => (call as { call: { stream: ServerHttp2Stream } }).call.stream;

/** How a call is answered, for good or ill; `others` is what only this kind of call can do. */
export interface Answering<T> {
  readonly call: object;
  answer(value: T): void;
  fail(fault: Fault): void;
  readonly others?: Partial<Record<Order['do'], (order: Order, value: T | undefined) => void>>;
}

export const misbehave = <T>(node: NodeState, answering: Answering<T>, order: Order, value?: T): void => {
  if (order.do === 'fail') answering.fail(fault(order.code ?? 2, 'ordered by the test', order.trailers));
  else if (order.do === 'drop') node.door.drop();
  else if (order.do === 'reset') streamOf(answering.call).close(constants.NGHTTP2_CANCEL);
  else answering.others?.[order.do]?.(order, value);
};

type Work<T> = () => T | undefined;

/** Does the work of a call and answers it, or does what was ordered. */
export const perform = async <T>(node: NodeState, answering: Answering<T>, work: Work<T>, order?: Order) => {
  try {
    const [isLate, isBefore] = [order?.do === 'delay', order?.before === true];
    if (isLate && isBefore) await sleep(order?.ms);
    const value = isBefore && !isLate ? undefined : work();
    if (isLate && !isBefore) await sleep(order?.ms);
    if (order && !isLate) misbehave(node, answering, order, value);
    else if (value !== undefined) answering.answer(value);
  } catch (thrown) {
    answering.fail(asFault(thrown));
  }
};

/** A call with one question and one answer. */
export const unary =
  <Q, A>(node: NodeState, on: CallName, work: (call: Asked<Q, A>) => A) =>
  (call: Asked<Q, A>, callback: sendUnaryData<A>): void => {
    const answering = { call, answer: (value: A) => callback(null, value), fail: callback };
    void perform(node, answering, () => work(call), node.misbehaviour.next(on));
  };
