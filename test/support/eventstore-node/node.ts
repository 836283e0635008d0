import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials, type Metadata } from '@grpc/grpc-js';
import { appendCall, deleteCall, tombstoneCall } from './append-call.ts';
import { batchAppendCall } from './batch-append-call.ts';
import type { CallContext, Cluster, OpenSubscription } from './call-context.ts';
import { featuresCall, gossipCall } from './cluster-call.ts';
import { createDoor } from './door.ts';
import { authorizer, type Users } from './authorizer.ts';
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
  /** PEM; without it the node speaks plain HTTP/2. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Who may call, by name; everybody if not given. */
  readonly users?: Users;
  /** Makes this node a follower in the other one's cluster, over the same log. */
  readonly joins?: EventStoreNode;
}

export interface EventStoreNode {
  /** For one node; without gossip. */
  readonly connectionString: string;
  readonly port: number;
  /** For inspection. It is another object after a restart. */
  readonly log: NodeLog;
  readonly cluster: Cluster;
  /** The subscriptions to `$all` that clients have open here. */
  readonly subscriptions: ReadonlySet<OpenSubscription>;
  misbehave(order: Order): Misbehaving;
  /** Cancels every order. */
  behave(): void;
  /** Breaks every connection; new ones are taken. */
  drop(): void;
  /** As SIGSTOP and SIGCONT do to a process. */
  freeze(): void;
  thaw(): void;
  /** Dies at once; nobody listens until `restart`. */
  kill(): Promise<void>;
  /** Dies and starts again on the same port without its memory for ids, and without the last `lose` records. */
  restart(options?: { readonly lose?: number }): Promise<void>;
  /** Makes this node the leader of its cluster, or leaves the cluster without one. */
  lead(isLeader?: boolean): void;
  stop(): Promise<void>;
}

const RECEIVE_LIMIT = 16 * 1024 * 1024 - 10_000;

const serve = async (context: CallContext, tls: NodeOptions['tls']): Promise<{ server: Server; port: number }> => {
  const server = new Server({ 'grpc.max_receive_message_length': RECEIVE_LIMIT, 'grpc.max_send_message_length': -1 });
  server.addService(streams.StreamsService, {
    append: appendCall(context),
    batchAppend: batchAppendCall(context),
    read: readCall(context),
    delete: deleteCall(context),
    tombstone: tombstoneCall(context),
  });
  server.addService(features.ServerFeaturesService, { getSupportedMethods: featuresCall(context) });
  server.addService(gossip.GossipService, { read: gossipCall(context) });
  const pair = tls && [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }];
  const credentials = pair ? ServerCredentials.createSsl(null, pair) : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => void (error ? reject(error) : resolve(bound)));
  });
  return { server, port };
};

/** Starts a node that speaks EventStoreDB's protocol; README.md says what it is and what it is not. */
export const startEventStoreNode = async (options: NodeOptions = {}): Promise<EventStoreNode> => {
  const { file, hasBatchAppend = true, hasKdb710 = false, maxAppendSize = 1024 * 1024, tls, users, joins } = options;
  const door = await createDoor(options.port ?? 0);
  const misbehaviour = new Misbehaviour();
  const subscriptions = new Set<OpenSubscription>();
  const self = { host: '127.0.0.1', port: door.port, isAlive: true };
  const cluster: Cluster = joins?.cluster ?? { members: [], leader: self };
  cluster.members.push(self);
  const authorize: (metadata: Metadata, isAboutAll: boolean) => void = authorizer(users);
  const settings = { maxAppendSize, hasBatchAppend, hasKdb710, cluster, self, authorize, misbehaviour, subscriptions };
  let log = joins?.log ?? new NodeLog(file);
  const start = async (): Promise<Server> => {
    const { server, port } = await serve({ ...settings, log, dropConnections: () => door.drop() }, tls);
    await door.open(port);
    self.isAlive = true;
    return server;
  };
  let server = await start();
  const kill = async (): Promise<void> => {
    self.isAlive = false;
    await door.close();
    server.forceShutdown();
    subscriptions.clear();
  };
  return {
    connectionString: `esdb://127.0.0.1:${door.port}?tls=${tls ? 'true' : 'false'}`,
    port: door.port,
    cluster,
    subscriptions,
    get log() {
      return log;
    },
    misbehave: (order) => misbehaviour.add(order),
    behave: () => misbehaviour.clear(),
    drop: () => door.drop(),
    freeze: () => door.freeze(),
    thaw: () => door.thaw(),
    kill,
    restart: async ({ lose = 0 } = {}) => {
      await kill();
      if (lose > 0) log.shorten(lose);
      log = joins ? joins.log : log.reopen();
      server = await start();
    },
    lead: (isLeader = true) => {
      cluster.leader = isLeader ? self : undefined;
      log.forgetIds();
    },
    stop: kill,
  };
};
