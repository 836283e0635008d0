import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { appendCall, deleteCall, tombstoneCall } from './append-call.ts';
import { batchAppendCall } from './batch-append-call.ts';
import { featuresCall, gossipCall } from './cluster-call.ts';
import { createDoor, type Door } from './door.ts';
import { Misbehaviour, type Misbehaving, type Order } from './misbehaviour.ts';
import { NodeLog } from './node-log.ts';
import { readCall } from './read-call.ts';

export interface NodeOptions {
  /** 0, or none: any free port. */
  readonly port?: number;
  /** Where the log is kept; in memory if not given. */
  readonly file?: string;
  /** Whether the node says that it knows BatchAppend; it does if not given. */
  readonly hasBatchAppend?: boolean;
  /** The defect of the servers 24.2.0 to 24.10.4 (wire 5.10). */
  readonly hasKdb710?: boolean;
  /** Bytes; 1 MiB if not given. */
  readonly maxAppendSize?: number;
  /** Makes this node a follower in the other one's cluster, over the same log. */
  readonly joins?: Pick<NodeState, 'cluster' | 'log'>;
}

/** A subscription to `$all` that a client has open. */
export interface OpenSubscription {
  /** Events so far. */
  sent(): number;
  /** Does this to it at once. */
  disturb(order: Order): void;
}

type Member = { readonly host: string; readonly port: number; isAlive: boolean };

/** What the handlers of a node see of it. */
export interface NodeState extends Required<Pick<NodeOptions, 'hasBatchAppend' | 'hasKdb710' | 'maxAppendSize'>> {
  readonly log: NodeLog;
  readonly cluster: { readonly members: Member[]; leader: Member | undefined };
  readonly self: Member;
  readonly door: Door;
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
    delete: deleteCall(node),
    tombstone: tombstoneCall(node),
  });
  server.addService(features.ServerFeaturesService, { getSupportedMethods: featuresCall(node) });
  server.addService(gossip.GossipService, { read: gossipCall(node) });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
  return { server, port: await promise };
};

/** Starts a node that speaks EventStoreDB's protocol; README.md says what it is and what it is not. */
export const startEventStoreNode = async (options: NodeOptions = {}) => {
  const { port = 0, file, hasBatchAppend = true, hasKdb710 = false, maxAppendSize = 1024 * 1024, joins } = options;
  const door = await createDoor(port);
  const self = { host: '127.0.0.1', port: door.port, isAlive: true };
  const cluster: NodeState['cluster'] = joins?.cluster ?? { members: [], leader: self };
  cluster.members.push(self);
  const [misbehaviour, subscriptions] = [new Misbehaviour(), new Set<OpenSubscription>()];
  const fixed = { cluster, self, door, misbehaviour, subscriptions, hasBatchAppend, hasKdb710, maxAppendSize };
  let log = joins?.log ?? new NodeLog(file);
  const start = async (): Promise<Server> => {
    const inner = await serve({ ...fixed, log });
    await door.open(inner.port);
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
    /** For one node; without gossip. */
    connectionString: `esdb://127.0.0.1:${door.port}?tls=false`,
    port: door.port,
    cluster,
    /** The subscriptions to `$all` that clients have open here. */
    subscriptions: subscriptions as ReadonlySet<OpenSubscription>,
    /** For inspection. It is another object after a restart. */
    get log(): NodeLog {
      return log;
    },
    misbehave: (order: Order): Misbehaving => misbehaviour.add(order),
    /** Cancels every order. */
    behave: (): void => misbehaviour.clear(),
    /** Breaks every connection; new ones are taken. */
    drop: (): void => door.drop(),
    /** As SIGSTOP and SIGCONT do to a process. */
    freeze: (): void => door.freeze(true),
    thaw: (): void => door.freeze(false),
    kill,
    /** Dies and starts again on the same port without its memory for ids, and without the last `lose` records. */
    restart: async ({ lose = 0 } = {}): Promise<void> => {
      await kill();
      // The others of a cluster go on with this log.
      if (cluster.members.length > 1) log.forgetIds();
      else log = log.reopen(lose);
      server = await start();
    },
    /** Makes this node the leader of its cluster, or leaves the cluster without one. */
    lead: (isLeader = true): void => {
      cluster.leader = isLeader ? self : undefined;
      log.forgetIds();
    },
    stop: kill,
  };
};

export type EventStoreNode = Awaited<ReturnType<typeof startEventStoreNode>>;
