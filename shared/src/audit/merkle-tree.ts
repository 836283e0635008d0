import { createHash } from 'node:crypto';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;

export const HASH_BYTES = 32;

/** Of a tree without a leaf (RFC 6962, 2.1): SHA-256 of nothing. */
export const EMPTY_ROOT: Hash = createHash('sha256').digest();

const NODE = Buffer.of(1);

/** RFC 6962, 2.1: SHA-256(0x01 ‖ left ‖ right). A leaf's hash, with 0x00 in front, is its event's `metadata.hash`. */
export const hashNode = (left: Hash, right: Hash): Hash =>
  createHash('sha256').update(NODE).update(left).update(right).digest();

/** A full subtree: the leaves from `index` × 2^`level`, 2^`level` of them. Level 0 is a leaf. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** The leaves from `start` up to but without `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree. */
export const splitOf = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

/** How often 2 divides `n`, at most `limit`. Not by bit operators: those end at 2^31. */
const twosIn = (n: number, limit: number): number => {
  let twos = 0;
  for (let rest = n; twos < limit && rest % 2 === 0; rest /= 2) twos += 1;
  return twos;
};

/**
 * The full subtrees that a range of leaves falls into, from left to right, the largest first at each place. A range that
 * is a node of some tree gives at most 53 of them, and `hashOf` joins their hashes to the node's.
 */
export const nodesOf = ({ start, end }: LeafRange): readonly NodeId[] => {
  const nodes: NodeId[] = [];
  for (let at = start; at < end;) {
    let level = twosIn(at, 53);
    while (at + 2 ** level > end) level -= 1;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
};

/** The hash of neighbouring full subtrees under one root: joined from the right, where a tree is ragged. */
export const hashOf = (subtrees: readonly Hash[]): Hash =>
  subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduceRight((right, left) => hashNode(left, right));

/**
 * A tree that grows leaf by leaf and keeps only its full subtrees: at most 53 hashes at any size. Start from nothing, or
 * from the hashes of `nodesOf({ start: 0, end: size })`.
 */
export class GrowingTree {
  #size: number;
  readonly #subtrees: Hash[];

  constructor(size = 0, subtrees: readonly Hash[] = []) {
    if (subtrees.length !== nodesOf({ start: 0, end: size }).length)
      throw new RangeError(`A tree of ${String(size)} leaves has not ${String(subtrees.length)} full subtrees`);
    this.#size = size;
    this.#subtrees = [...subtrees];
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf. Tells of every full subtree above the leaf that it completes, from below. */
  append(leaf: Hash, onNode?: (node: NodeId, hash: Hash) => void): void {
    if (leaf.length !== HASH_BYTES) throw new RangeError('A leaf hash has 32 bytes');
    let hash = leaf;
    let index = this.#size;
    for (let level = 1; index % 2 === 1; level += 1) {
      const left = this.#subtrees.pop();
      if (!left) throw new RangeError('The tree has lost a subtree');
      hash = hashNode(left, hash);
      index = (index - 1) / 2;
      onNode?.({ level, index }, hash);
    }
    this.#subtrees.push(hash);
    this.#size += 1;
  }

  /** The Merkle tree hash over all leaves so far. */
  root(): Hash {
    return hashOf(this.#subtrees);
  }

  /** A copy that grows on its own. */
  clone(): GrowingTree {
    return new GrowingTree(this.#size, this.#subtrees);
  }
}
