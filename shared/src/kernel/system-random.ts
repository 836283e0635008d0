import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from './random.ts';

/** The operating system's generator. */
export const systemRandom: Random = {
  bytes: (size) => randomBytes(size),
  uuid: () => randomUUID(),
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};
