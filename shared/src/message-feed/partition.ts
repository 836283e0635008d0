import { sha256 } from '../kernel/digest.ts';

/** As many as a topic has. Changing it would break the order of the keys that move. */
export const PARTITIONS = 12;

/** Where a key's messages go: the same partition always, so they stay in order. */
export const partitionOf = (key: string): number => sha256(key).readUInt32BE() % PARTITIONS;
