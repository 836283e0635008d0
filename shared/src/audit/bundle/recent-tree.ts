import { HASH_BYTES, hashNode, hashOf, nodesOf, type Hash } from '../merkle-tree.ts';

/** Leaves that the tree can look back: the roots of the last sizes within it are at hand. A power of two. */
const WINDOW = 65_536;

interface Level {
  readonly nodes: Buffer;
  /** Which node of its level stands in which slot; -1: none. */
  readonly held: Float64Array;
}

/**
 * An RFC 6962 tree that grows at its right end and remembers only that: about 4 MB, however many leaves there are. It
 * knows the root of every size of the last 65,536, if it was put together finely enough to have one there.
 */
export class RecentTree {
  readonly #levels: Level[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(leafHash: Hash): void {
    this.pushSubtree(0, leafHash);
  }

  /** Adds 2^level leaves by the root over them. Throws where the tree's end is not at such a place. */
  pushSubtree(level: number, root: Hash): void {
    if (this.#size % 2 ** level !== 0) throw new RangeError('A subtree stands only at a multiple of its own size');
    this.#size += 2 ** level;
    let index = this.#size / 2 ** level - 1;
    let node = root;
    this.#keep(level, index, node);
    for (let at = level; index % 2 === 1; at += 1) {
      const left = this.#find(at, index - 1);
      // Where even the left neighbour is unknown, nothing above it can be known.
      if (left === null) return;
      node = hashNode(left, node);
      index = (index - 1) / 2;
      this.#keep(at + 1, index, node);
    }
  }

  /** The hashes of `nodesOf` from 0 to `size`; null where they are not at hand. */
  frontierAt(size: number): readonly Hash[] | null {
    if (size > this.#size) return null;
    const found: Hash[] = [];
    for (const { level, index } of nodesOf({ start: 0, end: size })) {
      const node = this.#find(level, index);
      if (node === null) return null;
      found.push(node);
    }
    return found;
  }

  /** The root over the first `size` leaves; null where it is not at hand. */
  rootAt(size: number): Hash | null {
    const frontier = this.frontierAt(size);
    return frontier && hashOf(frontier);
  }

  #slots(level: number): number {
    return Math.ceil(WINDOW / 2 ** level) + 2;
  }

  #keep(level: number, index: number, node: Hash): void {
    while (this.#levels.length <= level) {
      const slots = this.#slots(this.#levels.length);
      this.#levels.push({ nodes: Buffer.alloc(slots * HASH_BYTES), held: new Float64Array(slots).fill(-1) });
    }
    const at = this.#levels[level];
    if (at === undefined) return;
    const slot = index % this.#slots(level);
    at.nodes.set(node, slot * HASH_BYTES);
    at.held[slot] = index;
  }

  #find(level: number, index: number): Hash | null {
    const at = this.#levels[level];
    const slot = index % this.#slots(level);
    // A copy: the slot is written again later.
    return at?.held[slot] === index ? Buffer.from(at.nodes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES)) : null;
  }
}
