import type { Metadata } from '@grpc/grpc-js';
import { notLeader, type EndPoint } from './fault.ts';
import type { Misbehaviour, Order } from './misbehaviour.ts';
import type { NodeLog } from './node-log.ts';

/** What the handlers of a node share. */
export interface CallContext {
  readonly log: NodeLog;
  readonly misbehaviour: Misbehaviour;
  /** Bytes of one append (wire 2.7). */
  readonly maxAppendSize: number;
  readonly hasBatchAppend: boolean;
  readonly hasKdb710: boolean;
  readonly cluster: Cluster;
  readonly self: EndPoint;
  /** Refuses who may not call (wire 8). */
  readonly authorize: (metadata: Metadata, isAboutAll: boolean) => void;
  readonly dropConnections: () => void;
  readonly subscriptions: Set<OpenSubscription>;
}

/** Nodes over one log; `leader` is undefined while none is elected. */
export interface Cluster {
  readonly members: (EndPoint & { readonly isAlive: boolean })[];
  leader: EndPoint | undefined;
}

/** A subscription that a client has open. */
export interface OpenSubscription {
  /** Events so far. */
  readonly sent: number;
  /** Does this to it at once. */
  disturb(order: Order): void;
}

/** A follower takes a call and forwards it, unless the caller asked for the leader (wire 2.12). */
export const admit = (
  context: CallContext,
  { metadata }: { readonly metadata: Metadata },
  isAboutAll = false,
): void => {
  context.authorize(metadata, isAboutAll);
  const { leader } = context.cluster;
  if (leader !== context.self && metadata.get('requires-leader').includes('true')) throw notLeader(leader);
};
