import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import type { NodeState } from './node.ts';
import { unary } from './perform.ts';
import { fill, uuid } from './wire.ts';

const noStream = (_question: Empty): string => '';
const { LEADER, FOLLOWER, UNKNOWN } = gossip.MemberInfo.VNodeState;

/** What the client asks before its first append (wire 1.3, 1.4). */
export const featuresCall = (node: NodeState) =>
  unary(node, 'features', noStream, () => {
    const names = ['append', 'read', 'delete', 'tombstone', ...(node.hasBatchAppend ? ['batchappend'] : [])];
    const MethodsList = names.map((MethodName) =>
      fill(new features.SupportedMethod(), { MethodName, ServiceName: 'event_store.client.streams.streams' }),
    );
    return fill(new features.SupportedMethods(), { MethodsList, EventStoreServerVersion: '24.10.5' });
  });

/** Who is in the cluster, for a client that has several hosts (wire 1.10). */
export const gossipCall = (node: NodeState) =>
  unary(node, 'gossip', noStream, () => {
    const { members, leader } = node.cluster;
    const MembersList = members.map((member) =>
      fill(new gossip.MemberInfo(), {
        InstanceId: uuid(crypto.randomUUID()),
        State: member === leader ? LEADER : leader ? FOLLOWER : UNKNOWN,
        IsAlive: member.isAlive,
        HttpEndPoint: fill(new gossip.EndPoint(), { Address: member.host, Port: member.port }),
      }),
    );
    return fill(new gossip.ClusterInfo(), { MembersList });
  });
