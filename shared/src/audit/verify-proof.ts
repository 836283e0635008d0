import { EMPTY_ROOT, HASH_BYTES, hashNode, type Hash } from './merkle-tree.ts';

export interface InclusionClaim {
  /** The leaf's hash: an event's `metadata.hash`. */
  readonly hash: Hash;
  readonly leaf: number;
  readonly size: number;
  readonly root: Hash;
  readonly path: readonly Hash[];
}

export interface ConsistencyClaim {
  readonly from: number;
  readonly fromRoot: Hash;
  readonly to: number;
  readonly toRoot: Hash;
  readonly path: readonly Hash[];
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const areHashes = (hashes: readonly Hash[]): boolean => hashes.every(({ length }) => length === HASH_BYTES);
const half = (n: number): number => Math.floor(n / 2);

/** Whether the path leads from the leaf at its place to the root: RFC 9162, 2.1.3.2. Never throws. */
export const verifyInclusion = ({ hash, leaf, size, root, path }: InclusionClaim): boolean => {
  if (!isCount(leaf) || !isCount(size) || leaf >= size || !areHashes([hash, root, ...path])) return false;
  let [at, last] = [leaf, size - 1];
  let node = hash;
  for (const beside of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = hashNode(beside, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      node = hashNode(node, beside);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && node.equals(root);
};

/**
 * Whether the tree of size `from` is the beginning of that of size `to`: RFC 9162, 2.1.4.2. The RFC leaves out an empty
 * beginning; it is the beginning of everything, with an empty path. Never throws.
 */
export const verifyConsistency = ({ from, fromRoot, to, toRoot, path }: ConsistencyClaim): boolean => {
  if (!isCount(from) || !isCount(to) || from > to || !areHashes([fromRoot, toRoot, ...path])) return false;
  if (from === to) return path.length === 0 && fromRoot.equals(toRoot);
  if (from === 0) return path.length === 0 && fromRoot.equals(EMPTY_ROOT);
  let [at, last] = [from - 1, to - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // A beginning of 2^k leaves is itself a node of the later tree, so its hash is not in the path.
  const [start, ...beside] = at === 0 ? [fromRoot, ...path] : path;
  if (start === undefined) return false;
  let [old, now] = [start, start];
  for (const hash of beside) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = hashNode(hash, old);
      now = hashNode(hash, now);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      now = hashNode(now, hash);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && old.equals(fromRoot) && now.equals(toRoot);
};
