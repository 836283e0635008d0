import bcrypt from 'bcrypt';
import type { SlowHash } from './password-hashes.ts';

/** The native bcrypt; works on libuv's pool, off the event loop. */
export const bcryptHash: SlowHash = {
  hash: (input, cost) => bcrypt.hash(input, cost),
  compare: (input, hash) => bcrypt.compare(input, hash),
};
