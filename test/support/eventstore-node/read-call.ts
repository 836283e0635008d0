import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status, type handleServerStreamingCall, type ServerWritableStream } from '@grpc/grpc-js';
import { asFault, fault, type Fault } from './fault.ts';
import { follow, type Following } from './follow.ts';
import type { Order } from './misbehaviour.ts';
import type { NodeState } from './node.ts';
import { admit, misbehave } from './perform.ts';
import { readAll, readStream } from './reader.ts';
import type { LogRecord, Position } from './record.ts';
import { identifier, messageResponse, streamNameOf } from './wire.ts';

const { ReadReq, ReadResp } = streams;
type Options = streams.ReadReq.Options;

const allStart = (options: Options): Position | 'start' | 'end' => {
  const position = options.getAll()?.getPosition();
  if (!position) return options.getAll()?.hasEnd() === true ? 'end' : 'start';
  return { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) };
};

const followingOf = (options: Options): Omit<Following, 'hasKdb710'> => {
  const from = allStart(options);
  const filter = options.getFilter();
  if (!filter) return { from, accepts: () => true, window: 32 };
  const stream = filter.getStreamIdentifier();
  const expression = stream ?? filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  // Not anchored; an empty one means prefixes (wire 5.4).
  const regex = expression?.getRegex() ? new RegExp(expression.getRegex()) : undefined;
  const matches = (name: string): boolean => regex?.test(name) ?? prefixes.some((prefix) => name.startsWith(prefix));
  const window = filter.hasMax() ? filter.getMax() : 32;
  const interval = window * filter.getCheckpointintervalmultiplier();
  return { from, accepts: (record) => matches(stream ? record.stream : record.type), window, interval };
};

/** The records asked for; undefined where the stream is not there. */
const read = ({ log }: NodeState, options: Options): LogRecord[] | undefined => {
  const backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const [count, stream] = [Number(options.getCount()), options.getStream()];
  if (!stream) return readAll(log, { from: allStart(options), backwards, count });
  const from = stream.hasEnd() ? 'end' : stream.hasRevision() ? BigInt(stream.getRevision()) : 'start';
  return readStream(log, streamNameOf(stream), { from, backwards, count });
};

type Call = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

const serve = async (node: NodeState, call: Call, stopped: AbortController): Promise<void> => {
  const { signal } = stopped;
  const options = call.request.getOptions()!;
  const stream = options.getStream();
  const name = stream ? streamNameOf(stream) : '$all';
  const isSubscription = options.hasSubscription();
  admit(node, call, name);
  if (isSubscription && stream) throw fault(status.UNIMPLEMENTED, 'This node follows $all only.');
  const order = node.misbehaviour.next(isSubscription ? 'subscribe' : 'read', name);

  const id = randomUUID();
  let sent = 0;
  const write = (response: streams.ReadResp): boolean => call.write(response);
  const disturb = (due: Order): void => {
    if (due.do === 'answer-empty') return void write(new ReadResp());
    const at = due.at === 'next-record' ? { commit: node.log.end, prepare: 0n } : due.at;
    if (due.do === 'checkpoint' && at) return void write(messageResponse(at, id));
    if (due.do === 'end') call.end();
    else misbehave(node, { call, answer: write, fail: (failed: Fault) => void call.emit('error', failed) }, due);
    stopped.abort();
  };
  const obeyWhenDue = (): void => {
    if (order && sent === (order.after ?? 0)) disturb(order);
  };
  const send = async (response: streams.ReadResp): Promise<void> => {
    if (!write(response)) await once(call, 'drain', { signal }).catch(() => undefined);
    if (!response.hasEvent()) return;
    sent += 1;
    obeyWhenDue();
  };

  const open = { disturb, sent: () => sent };
  if (isSubscription) node.subscriptions.add(open);
  signal.addEventListener('abort', () => node.subscriptions.delete(open));
  obeyWhenDue();
  const records = isSubscription ? follow(node.log, { ...followingOf(options), ...node }, signal) : read(node, options);
  const missing = new ReadResp.StreamNotFound().setStreamIdentifier(identifier(name));
  if (!records) await send(new ReadResp().setStreamNotFound(missing));
  for await (const one of records ?? []) if (!signal.aborted) await send(messageResponse(one, id));
  if (!isSubscription && !signal.aborted) call.end();
};

/** Reads, and the subscription to `$all`, which is the same rpc (wire 4, 5). */
export const readCall =
  (node: NodeState): handleServerStreamingCall<streams.ReadReq, streams.ReadResp> =>
  (call) => {
    const stopped = new AbortController();
    call.on('cancelled', () => stopped.abort());
    serve(node, call, stopped).catch((thrown: unknown) => {
      if (!stopped.signal.aborted) call.emit('error', asFault(thrown));
    });
  };
