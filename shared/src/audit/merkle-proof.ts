import { hashOf, nodesOf, splitOf, type Hash, type LeafRange, type NodeId } from './merkle-tree.ts';

/** Gives the hash of each full subtree, in the order asked. Asked once for a proof. */
export type ReadNodes = (nodes: readonly NodeId[]) => Promise<readonly Hash[]>;

const checkSizes = (...ascending: readonly number[]): void => {
  if (!ascending.every((size, at) => Number.isSafeInteger(size) && size >= (ascending[at - 1] ?? 0)))
    throw new RangeError(`No such place in a tree: ${ascending.join(', ')}`);
};

/** The subtrees beside the way from a leaf to the root, from the leaf upwards: PATH of RFC 6962, 2.1.1. */
const besideLeaf = (leaf: number, { start, end }: LeafRange): readonly LeafRange[] => {
  if (end - start <= 1) return [];
  const middle = start + splitOf(end - start);
  const [near, far] = [
    { start, end: middle },
    { start: middle, end },
  ] as const;
  return leaf < middle ? [...besideLeaf(leaf, near), far] : [...besideLeaf(leaf, far), near];
};

/** SUBPROOF of RFC 6962, 2.1.2. `known`: the subtree is one that the verifier has the hash of already. */
const besideOldRoot = (from: number, { start, end }: LeafRange, known: boolean): readonly LeafRange[] => {
  if (from === end) return known ? [] : [{ start, end }];
  const middle = start + splitOf(end - start);
  return from <= middle
    ? [...besideOldRoot(from, { start, end: middle }, known), { start: middle, end }]
    : [...besideOldRoot(from, { start: middle, end }, false), { start, end: middle }];
};

const hashesOf = async (ranges: readonly LeafRange[], read: ReadNodes): Promise<readonly Hash[]> => {
  const parts = ranges.map(nodesOf);
  const hashes = parts.length === 0 ? [] : await read(parts.flat());
  let at = 0;
  return parts.map((nodes) => hashOf(hashes.slice(at, (at += nodes.length))));
};

/** The root over the first `size` leaves. */
export const readRoot = async (size: number, read: ReadNodes): Promise<Hash> => {
  checkSizes(size);
  const [root] = await hashesOf([{ start: 0, end: size }], size === 0 ? () => Promise.resolve([]) : read);
  if (!root) throw new RangeError('A tree has a root');
  return root;
};

/** That the leaf stands at its place among the first `size`. Throws RangeError for a leaf that is none of them. */
export const proveInclusion = (leaf: number, size: number, read: ReadNodes): Promise<readonly Hash[]> => {
  checkSizes(leaf, size - 1);
  return hashesOf(besideLeaf(leaf, { start: 0, end: size }), read);
};

/** That the first `from` leaves are the beginning of the first `to`. Empty where either is all or nothing of it. */
export const proveConsistency = (from: number, to: number, read: ReadNodes): Promise<readonly Hash[]> => {
  checkSizes(from, to);
  if (from === 0 || from === to) return Promise.resolve([]);
  return hashesOf(besideOldRoot(from, { start: 0, end: to }, true), read);
};
