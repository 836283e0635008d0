import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { answerOnce } from './answer-once.ts';
import type { CallContext } from './call-context.ts';
import { carryOut } from './misbehaviour.ts';
import { fill, uuid } from './wire.ts';

const { LEADER, FOLLOWER, UNKNOWN } = gossip.MemberInfo.VNodeState;

/** What the client asks before its first append (wire 1.3, 1.4). */
export const featuresCall =
  (context: CallContext): handleUnaryCall<shared.Empty, features.SupportedMethods> =>
  (call, callback) =>
    void answerOnce(context, call, callback, new features.SupportedMethods(), () =>
      carryOut(context.misbehaviour.next('features'), () => {
        const names = ['append', 'read', 'delete', 'tombstone', ...(context.hasBatchAppend ? ['batchappend'] : [])];
        const methods = names.map((MethodName) =>
          fill(new features.SupportedMethod(), { MethodName, ServiceName: 'event_store.client.streams.streams' }),
        );
        return fill(new features.SupportedMethods(), { MethodsList: methods, EventStoreServerVersion: '24.10.5' });
      }),
    );

/** Who is in the cluster, for a client that has several hosts (wire 1.10). */
export const gossipCall =
  (context: CallContext): handleUnaryCall<shared.Empty, gossip.ClusterInfo> =>
  (call, callback) =>
    void answerOnce(context, call, callback, new gossip.ClusterInfo(), () =>
      carryOut(context.misbehaviour.next('gossip'), () => {
        const { members, leader } = context.cluster;
        const infos = members.map((member) =>
          fill(new gossip.MemberInfo(), {
            InstanceId: uuid(crypto.randomUUID()),
            TimeStamp: '0',
            State: member === leader ? LEADER : leader ? FOLLOWER : UNKNOWN,
            IsAlive: member.isAlive,
            HttpEndPoint: fill(new gossip.EndPoint(), { Address: member.host, Port: member.port }),
          }),
        );
        return new gossip.ClusterInfo().setMembersList(infos);
      }),
    );
