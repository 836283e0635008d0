import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { NodeState } from './node.ts';
import { unary } from './perform.ts';
import { fill } from './wire.ts';

const { LEADER, FOLLOWER, UNKNOWN } = gossip.MemberInfo.VNodeState;

/** What the client asks before its first append (wire 1.3, 1.4). */
export const featuresCall = (node: NodeState) =>
  unary(node, 'features', () => {
    const names = ['append', 'read', 'delete', 'tombstone', ...(node.hasBatchAppend === false ? [] : ['batchappend'])];
    const MethodsList = names.map((MethodName) =>
      fill(new features.SupportedMethod(), { MethodName, ServiceName: 'event_store.client.streams.streams' }),
    );
    return fill(new features.SupportedMethods(), { MethodsList, EventStoreServerVersion: '24.10.5' });
  });

/** Who is in the cluster, for a client that has several hosts (wire 1.10). */
export const gossipCall = (node: NodeState) =>
  unary(node, 'gossip', () => {
    const { members, leader } = node.cluster;
    const MembersList = members.map((member) => {
      const HttpEndPoint = fill(new gossip.EndPoint(), { Address: member.host, Port: member.port });
      const State = member === leader ? LEADER : leader ? FOLLOWER : UNKNOWN;
      return fill(new gossip.MemberInfo(), { HttpEndPoint, State, IsAlive: member.isAlive });
    });
    return fill(new gossip.ClusterInfo(), { MembersList });
  });
