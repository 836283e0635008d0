import { nodesOf } from '../merkle-tree.ts';
import type { RecentTree } from './recent-tree.ts';
import type { Seals } from './seals.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** Counts the leaves of a bundle and puts them into the tree, for as long as the tree can be known. */
export class LeafTree {
  readonly #tree: RecentTree;
  readonly #seals: Seals;
  #leaves = 0;

  constructor(tree: RecentTree, seals: Seals) {
    this.#tree = tree;
    this.#seals = seals;
  }

  /** Leaves seen: the next line's first. */
  get leaves(): number {
    return this.#leaves;
  }

  add(hash: string): void {
    if (!this.#seals.isLost) this.#tree.push(bytesOf(hash));
    this.#leaves += 1;
    this.#seals.grown(this.#leaves);
  }

  /** Adds the leaves up to `to` by the roots of their whole subtrees; false, and nothing, where these do not add up. */
  addUpTo(to: number, roots: readonly string[]): boolean {
    const nodes = nodesOf({ start: this.#leaves, end: to });
    if (to < this.#leaves || nodes.length !== roots.length) return false;
    for (const [at, { level }] of nodes.entries())
      if (!this.#seals.isLost) this.#tree.pushSubtree(level, bytesOf(roots[at] ?? ''));
    this.#leaves = to;
    this.#seals.grown(to);
    return true;
  }

  /** Leaves are missing: from here on there is no tree. */
  passTo(leaf: number): void {
    this.#seals.lose();
    this.#leaves = leaf;
  }

  /** Whether the leaves so far are known to be others than those of these subtrees. */
  differsFrom(roots: readonly string[]): boolean {
    const known = this.#seals.isLost ? null : this.#tree.frontierAt(this.#leaves);
    return (
      known !== null &&
      (known.length !== roots.length || known.some((node, at) => !node.equals(bytesOf(roots[at] ?? ''))))
    );
  }
}
