import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status, type handleServerStreamingCall, type ServerWritableStream } from '@grpc/grpc-js';
import { reset } from './answer-once.ts';
import { admit, type CallContext, type OpenSubscription } from './call-context.ts';
import { Fault, unhandled } from './fault.ts';
import { follow, type Filter } from './follow.ts';
import { faultOf, type Order } from './misbehaviour.ts';
import type { NodeLog } from './node-log.ts';
import { readAll, readStream } from './reader.ts';
import type { LogRecord, Position } from './record.ts';
import { checkpointResponse, eventResponse, messageResponse, streamNameOf, streamNotFound } from './wire.ts';

type Options = streams.ReadReq.Options;
type Call = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

const filterOf = (filter: streams.ReadReq.Options.FilterOptions | undefined): Filter | undefined => {
  if (!filter) return undefined;
  const stream = filter.getStreamIdentifier();
  const expression = stream ?? filter.getEventType();
  const regex = expression?.getRegex() ?? '';
  const prefixes = expression?.getPrefixList() ?? [];
  // Not anchored; an empty one means prefixes (wire 5.4).
  const matches = (name: string): boolean =>
    regex === '' ? prefixes.some((prefix) => name.startsWith(prefix)) : new RegExp(regex).test(name);
  return {
    accepts: (record) => matches(stream ? record.stream : record.type),
    window: filter.hasMax() ? filter.getMax() : 32,
    interval: filter.getCheckpointintervalmultiplier(),
  };
};

const allStart = (all: streams.ReadReq.Options.AllOptions | undefined): Position | 'start' | 'end' => {
  const position = all?.getPosition();
  if (!position) return all?.hasEnd() === true ? 'end' : 'start';
  return { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) };
};

/** The records asked for; undefined where the stream is not there. */
const read = (log: NodeLog, options: Options): LogRecord[] | undefined => {
  const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const count = Number(options.getCount());
  const stream = options.getStream();
  if (!stream) return readAll(log, { from: allStart(options.getAll()), backwards, count });
  const from = stream.hasEnd() ? 'end' : stream.hasRevision() ? BigInt(stream.getRevision()) : 'start';
  return readStream(log, { stream: streamNameOf(stream), from, backwards, count });
};

/** Does what was ordered, and says whether this call goes on. */
const disturb = (context: CallContext, call: Call, order: Order): boolean => {
  if (order.do === 'fail') call.emit('error', faultOf(order));
  else if (order.do === 'end') call.end();
  else if (order.do === 'reset') reset(call);
  else if (order.do === 'drop') context.dropConnections();
  else if (order.do === 'answer-empty') return (call.write(new streams.ReadResp()), true);
  else if (order.do === 'checkpoint') {
    const at = order.at === 'next-record' ? { commit: context.log.end, prepare: 0n } : order.at;
    return (call.write(checkpointResponse(at)), true);
  }
  return false;
};

const serve = async (context: CallContext, call: Call, stopped: AbortController): Promise<void> => {
  const options = call.request.getOptions()!;
  admit(context, call, options.hasAll());
  const { signal } = stopped;
  const stream = options.getStream();
  const name = stream ? streamNameOf(stream) : '$all';
  const isSubscription = options.hasSubscription();
  if (isSubscription && stream) throw new Fault(status.UNIMPLEMENTED, 'This node follows $all only.');
  const order = context.misbehaviour.next(isSubscription ? 'subscribe' : 'read', name);
  if (order?.do === 'delay') await sleep(order.ms);

  const id = randomUUID();
  let sent = 0;
  const obey = (due: Order | undefined): void => {
    if (due && due.do !== 'delay' && !disturb(context, call, due)) stopped.abort();
  };
  const obeyWhenDue = (): void => void (sent === (order?.after ?? 0) && obey(order));
  const send = async (response: streams.ReadResp, isEvent: boolean): Promise<void> => {
    if (!call.write(response)) await once(call, 'drain', { signal }).catch(() => undefined);
    if (isEvent) sent += 1;
    if (isEvent) obeyWhenDue();
  };

  obeyWhenDue();
  if (isSubscription) {
    const open: OpenSubscription = {
      disturb: obey,
      get sent() {
        return sent;
      },
    };
    context.subscriptions.add(open);
    signal.addEventListener('abort', () => context.subscriptions.delete(open));
    const following = { from: allStart(options.getAll()), filter: filterOf(options.getFilter()), ...context };
    for await (const message of follow(context.log, following, signal)) {
      if (signal.aborted) return;
      await send(messageResponse(message, id), message.kind === 'event');
    }
    return;
  }
  const records = read(context.log, options);
  if (!records) await send(streamNotFound(name), false);
  for (const record of records ?? []) if (!signal.aborted) await send(eventResponse(record), true);
  if (!signal.aborted) call.end();
};

/** Reads, and the subscription to `$all`, which is the same rpc (wire 4, 5). */
export const readCall =
  (context: CallContext): handleServerStreamingCall<streams.ReadReq, streams.ReadResp> =>
  (call) => {
    const stopped = new AbortController();
    call.on('cancelled', () => stopped.abort());
    serve(context, call, stopped).catch((fault: unknown) => {
      if (!stopped.signal.aborted) call.emit('error', fault instanceof Fault ? fault : unhandled());
    });
  };
