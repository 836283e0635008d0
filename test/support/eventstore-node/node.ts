import { promisify } from 'node:util';
import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { openDoor, type TcpDoor } from '../tcp-door.ts';
import { appendCall, removeCall } from './append-call.ts';
import { batchAppendCall } from './batch-append-call.ts';
import { featuresCall, gossipCall } from './cluster-call.ts';
import { Misbehaviour, type Misbehaving, type Order } from './misbehaviour.ts';
import { NodeLog } from './node-log.ts';
import type { Guard } from './perform.ts';
import { readCall } from './read-call.ts';

export interface NodeOptions {
  readonly port?: number; // Any free one if not given.
  readonly file?: string; // Where the log is kept; in memory if not given.
  readonly hasBatchAppend?: boolean; // Whether the node says that it knows BatchAppend; it does if not given.
  readonly hasKdb710?: boolean; // The defect of the servers 24.2.0 to 24.10.4 (wire 5.10).
  readonly maxAppendSize?: number; // Bytes; 1 MiB if not given.
  readonly joins?: Pick<NodeState, 'cluster' | 'log'>; // A follower in this node's cluster, over the same log.
  readonly credentials?: ServerCredentials; // For TLS; none if not given.
  readonly guard?: Guard; // Who may do what; everybody everything if not given.
}

/** A subscription to `$all` that a client has open: events so far, and what is done to it at once. */
export type OpenSubscription = { sent(): number; disturb(order: Order): void };
type Member = { readonly host: string; readonly port: number; isAlive: boolean };

/** What the handlers of a node see of it. */
export interface NodeState extends NodeOptions {
  readonly maxAppendSize: number;
  readonly log: NodeLog;
  readonly cluster: { readonly members: Member[]; leader: Member | undefined };
  readonly self: Member;
  readonly door: TcpDoor;
  readonly misbehaviour: Misbehaviour;
  readonly subscriptions: Set<OpenSubscription>;
}

const serve = async (node: NodeState): Promise<{ server: Server; port: number }> => {
  const limits = { 'grpc.max_receive_message_length': 16 * 1024 * 1024 - 10_000, 'grpc.max_send_message_length': -1 };
  const server = new Server(limits);
  server.addService(streams.StreamsService, {
    append: appendCall(node),
    batchAppend: batchAppendCall(node),
    read: readCall(node),
    delete: removeCall(node, 'delete'),
    tombstone: removeCall(node, 'tombstone'),
  });
  server.addService(features.ServerFeaturesService, { getSupportedMethods: featuresCall(node) });
  server.addService(gossip.GossipService, { read: gossipCall(node) });
  const bind = promisify(server.bindAsync.bind(server));
  return { server, port: await bind('127.0.0.1:0', node.credentials ?? ServerCredentials.createInsecure()) };
};

/** Starts a node that speaks EventStoreDB's protocol; README.md says what it is and what it is not. */
export const startEventStoreNode = async (options: NodeOptions = {}) => {
  const { port = 0, file, joins } = options;
  const door = await openDoor(port);
  const self = { host: '127.0.0.1', port: door.port, isAlive: true };
  const cluster: NodeState['cluster'] = joins?.cluster ?? { members: [], leader: self };
  cluster.members.push(self);
  const [misbehaviour, subscriptions] = [new Misbehaviour(), new Set<OpenSubscription>()];
  const fixed = { maxAppendSize: 1024 * 1024, ...options, cluster, self, door, misbehaviour, subscriptions };
  let log = joins?.log ?? new NodeLog(file);
  const start = async (): Promise<Server> => {
    const inner = await serve({ ...fixed, log });
    await door.lead(inner.port);
    self.isAlive = true;
    return inner.server;
  };
  let server = await start();
  /** Dies at once; nobody listens until `restart`. */
  const kill = async (): Promise<void> => {
    self.isAlive = false;
    await door.close();
    server.forceShutdown();
    subscriptions.clear();
  };
  return {
    /** For one node; without gossip and without TLS. */
    connectionString: `esdb://127.0.0.1:${door.port}?tls=false`,
    port: door.port,
    cluster,
    subscriptions: subscriptions as ReadonlySet<OpenSubscription>,
    /** For inspection. It is another object after a restart. */
    get log(): NodeLog {
      return log;
    },
    misbehave: (order: Order): Misbehaving => misbehaviour.add(order),
    drop: door.drop,
    freeze: (): void => door.freeze(true),
    thaw: (): void => door.freeze(false),
    kill,
    stop: kill,
    /** Dies and starts again on the same port without its memory for ids, and without the last `lose` records. */
    restart: async ({ lose = 0 } = {}): Promise<void> => {
      await kill();
      // The others of a cluster go on with this log.
      if (cluster.members.length > 1) log.ids.clear();
      else log = log.reopen(lose);
      server = await start();
    },
    /** Makes this node the leader of its cluster, or leaves the cluster without one. */
    lead: (isLeader = true): void => {
      cluster.leader = isLeader ? self : undefined;
      log.ids.clear();
    },
  };
};

export type EventStoreNode = Awaited<ReturnType<typeof startEventStoreNode>>;
