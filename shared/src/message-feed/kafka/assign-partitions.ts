import { AssignerProtocol, type GroupMember, type PartitionAssigner } from 'kafkajs';

/** What a member says of itself when it joins. */
export interface Holdings {
  /** Partitions of which a message is being handled right now. */
  readonly busy: readonly number[];
  /** Partitions that it has had so far. */
  readonly held: readonly number[];
}

/**
 * Shares partitions among members. A partition of which a message is being handled stays where it is, so that no other
 * consumer begins the same message meanwhile; apart from that all get about as many, and keep what they had.
 */
export const sharePartitions = (
  partitions: readonly number[],
  members: ReadonlyMap<string, Holdings>,
): Map<string, number[]> => {
  const shares = new Map([...members.keys()].sort().map((member) => [member, [] as number[]]));
  const open = new Set(partitions);
  const give = (member: string, partition: number): void => {
    if (open.delete(partition)) shares.get(member)?.push(partition);
  };
  for (const member of shares.keys()) for (const partition of members.get(member)?.busy ?? []) give(member, partition);
  const fair = Math.floor(partitions.length / Math.max(members.size, 1));
  for (const [member, share] of shares)
    for (const partition of members.get(member)?.held ?? []) if (share.length < fair) give(member, partition);
  for (const partition of open) {
    const least = Math.min(...[...shares.values()].map((share) => share.length));
    const poorest = [...shares].filter(([, share]) => share.length === least).map(([member]) => member);
    const holder = poorest.find((member) => members.get(member)?.held.includes(partition));
    give(holder ?? poorest[0] ?? '', partition);
  }
  return shares;
};

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

const holdingsOf = ({ memberMetadata }: GroupMember): Holdings => {
  try {
    const said = JSON.parse(MemberMetadata.decode(memberMetadata)?.userData.toString() ?? '') as Partial<Holdings>;
    return { busy: said.busy ?? [], held: said.held ?? [] };
  } catch {
    return { busy: [], held: [] };
  }
};

/** The group protocol of this feed's consumers. `onJoin` is called whenever this member is about to join. */
export const partitionAssigner =
  (topic: string, onJoin: () => Holdings): PartitionAssigner =>
  ({ cluster }) => ({
    name: 'rollbook-busy-stay',
    version: 1,
    protocol: ({ topics }) => ({
      name: 'rollbook-busy-stay',
      metadata: MemberMetadata.encode({ version: 1, topics, userData: Buffer.from(JSON.stringify(onJoin())) }),
    }),
    assign: ({ members }) => {
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      const holdings = new Map(members.map((member) => [member.memberId, holdingsOf(member)]));
      const shares = sharePartitions(
        partitions.sort((a, b) => a - b),
        holdings,
      );
      return Promise.resolve(
        [...shares].map(([memberId, share]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: 1,
            assignment: { [topic]: share },
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
