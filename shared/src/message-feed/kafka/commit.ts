import type { EachBatchPayload } from 'kafkajs';

/** Commits in the generation that is current when it is called; unlike the consumer's own method it does not repeat. */
export type Commit = EachBatchPayload['commitOffsetsIfNecessary'];

/** Between two generations, or with a coordinator on its way elsewhere: the next commit will do. */
const PASSING = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
]);

/** Commits that everything up to these places is handled. False: not now, try again. Throws other faults. */
export const commitGently = async (
  commit: Commit,
  topic: string,
  handled: readonly (readonly [partition: number, offset: number])[],
): Promise<boolean> => {
  try {
    // Kafka's committed offset is the next one to read.
    const partitions = handled.map(([partition, offset]) => ({ partition, offset: String(offset + 1) }));
    await commit({ topics: [{ topic, partitions }] });
    return true;
  } catch (fault) {
    if (PASSING.has(String((fault as { type?: unknown }).type))) return false;
    throw fault;
  }
};
