import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { proveConsistency, proveInclusion, readRoot, type ReadNodes } from '@rollbook/shared/audit/merkle-proof';
import { EMPTY_ROOT, GrowingTree, hashNode, nodesOf, splitOf, type Hash } from '@rollbook/shared/audit/merkle-tree';
import { verifyConsistency, verifyInclusion } from '@rollbook/shared/audit/verify-proof';
import { REFERENCE_CONSISTENCIES, REFERENCE_INCLUSIONS, REFERENCE_LEAVES, REFERENCE_ROOTS } from './merkle-vectors.ts';

/** RFC 6962, 2.1, as it stands there: the judge of everything cleverer. */
const rootByTheBook = (leaves: readonly Hash[]): Hash => {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  return hashNode(rootByTheBook(leaves.slice(0, split)), rootByTheBook(leaves.slice(split)));
};

const readerOf =
  (leaves: readonly Hash[]): ReadNodes =>
  (nodes) =>
    Promise.resolve(
      nodes.map(({ level, index }) => rootByTheBook(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))),
    );

const leavesOf = (count: number): readonly Hash[] =>
  Array.from({ length: count }, (_, index) =>
    createHash('sha256')
      .update(`leaf ${String(index)}`)
      .digest(),
  );

const grown = (leaves: readonly Hash[]): GrowingTree => {
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree;
};

const flip = (hash: Hash, bit: number): Hash => {
  const changed = Buffer.from(hash);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
};

describe('the tree over the log', () => {
  test.each(REFERENCE_ROOTS.map((root, size) => ({ root, size })))(
    'has the reference root over $size leaves, grown and read',
    async ({ root, size }) => {
      const leaves = REFERENCE_LEAVES.slice(0, size);
      expect(grown(leaves).root()).toStrictEqual(root);
      expect(await readRoot(size, readerOf(leaves))).toStrictEqual(root);
    },
  );

  test.each(REFERENCE_INCLUSIONS)('proves leaf $leaf of $size as the reference does', async ({ leaf, size, path }) => {
    expect(await proveInclusion(leaf, size, readerOf(REFERENCE_LEAVES))).toStrictEqual(path);
    const [hash, root] = [REFERENCE_LEAVES[leaf]!, REFERENCE_ROOTS[size]!];
    expect(verifyInclusion({ hash, leaf, size, root, path })).toBe(true);
  });

  test.each(REFERENCE_CONSISTENCIES)('proves that $from leaves begin $to as the reference does', async (one) => {
    const { from, to, path } = one;
    expect(await proveConsistency(from, to, readerOf(REFERENCE_LEAVES))).toStrictEqual(path);
    const [fromRoot, toRoot] = [REFERENCE_ROOTS[from]!, REFERENCE_ROOTS[to]!];
    expect(verifyConsistency({ from, fromRoot, to, toRoot, path })).toBe(true);
  });

  test('gives each full subtree once, as it is completed, with its hash', () => {
    const leaves = leavesOf(37);
    const told = new Map<string, string>();
    const tree = new GrowingTree();
    for (const leaf of leaves)
      tree.append(leaf, ({ level, index }, hash) => {
        const name = `${String(level)}/${String(index)}`;
        expect(told.has(name)).toBe(false);
        expect(hash).toStrictEqual(rootByTheBook(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
        told.set(name, hash.toString('hex'));
      });
    expect(told.size).toBe(18 + 9 + 4 + 2 + 1);
  });

  test('goes on from its full subtrees alone', () => {
    const leaves = leavesOf(100);
    for (let size = 0; size <= 100; size += 1) {
      const subtrees = nodesOf({ start: 0, end: size }).map(({ level, index }) =>
        rootByTheBook(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
      );
      const tree = new GrowingTree(size, subtrees);
      for (const leaf of leaves.slice(size)) tree.append(leaf);
      expect(tree.root()).toStrictEqual(rootByTheBook(leaves));
    }
    expect(() => new GrowingTree(5, [EMPTY_ROOT])).toThrow(RangeError);
  });

  test('counts beyond 2^32 leaves', () => {
    expect(nodesOf({ start: 2 ** 40, end: 2 ** 40 + 3 })).toStrictEqual([
      { level: 1, index: 2 ** 39 },
      { level: 0, index: 2 ** 40 + 2 },
    ]);
    expect(nodesOf({ start: 0, end: 2 ** 41 })).toStrictEqual([{ level: 41, index: 0 }]);
  });
});

describe('a proof', () => {
  const place = fc
    .integer({ min: 1, max: 150 })
    .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));

  test('of inclusion holds for every leaf of every size, and for nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 255 }), fc.nat(), async ([leaf, size], bit, which) => {
        const leaves = leavesOf(size);
        const [hash, root] = [leaves[leaf]!, rootByTheBook(leaves)];
        const path = await proveInclusion(leaf, size, readerOf(leaves));
        const claim = { hash, leaf, size, root, path };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, hash: flip(hash, bit) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: flip(root, bit) })).toBe(false);
        expect(verifyInclusion({ ...claim, path: [...path, hash] })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: size })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: -1 })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: leaf === 0 ? size - 1 : leaf - 1 })).toBe(size === 1);
        if (path.length === 0) return;
        const broken = path.map((one, at) => (at === which % path.length ? flip(one, bit) : one));
        expect(verifyInclusion({ ...claim, path: broken })).toBe(false);
        expect(verifyInclusion({ ...claim, path: path.slice(1) })).toBe(false);
        expect(verifyInclusion({ ...claim, path: path.slice(0, -1) })).toBe(false);
        expect(verifyInclusion({ ...claim, path: [path[0]!.subarray(1), ...path.slice(1)] })).toBe(false);
      }),
    );
  });

  test('of consistency holds for every beginning, and for nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 255 }), fc.nat(), async ([from, to], bit, which) => {
        const leaves = leavesOf(to);
        const [fromRoot, toRoot] = [rootByTheBook(leaves.slice(0, from)), rootByTheBook(leaves)];
        const path = await proveConsistency(from, to, readerOf(leaves));
        const claim = { from, fromRoot, to, toRoot, path };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, fromRoot: flip(fromRoot, bit) })).toBe(false);
        expect(verifyConsistency({ ...claim, path: [...path, toRoot] })).toBe(false);
        expect(verifyConsistency({ ...claim, from: to, to: from })).toBe(false);
        // Nothing is the beginning of everything, whatever that is.
        if (from === 0) return;
        expect(verifyConsistency({ ...claim, toRoot: flip(toRoot, bit) })).toBe(false);
        if (path.length === 0) return;
        const broken = path.map((one, at) => (at === which % path.length ? flip(one, bit) : one));
        expect(verifyConsistency({ ...claim, path: broken })).toBe(false);
        expect(verifyConsistency({ ...claim, path: path.slice(1) })).toBe(false);
        expect(verifyConsistency({ ...claim, path: path.slice(0, -1) })).toBe(false);
      }),
    );
  });

  test('of another history is refused: one leaf changed before the old checkpoint', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), async ([before, to], which) => {
        const from = before + 1;
        const leaves = leavesOf(to);
        const forked = leaves.map((leaf, at) => (at === which % from ? flip(leaf, 0) : leaf));
        const path = await proveConsistency(from, to, readerOf(forked));
        const [fromRoot, toRoot] = [rootByTheBook(leaves.slice(0, from)), rootByTheBook(forked)];
        expect(verifyConsistency({ from, fromRoot, to, toRoot, path })).toBe(false);
      }),
    );
  });

  test('for a place that the tree has not is a fault', () => {
    const read = readerOf(leavesOf(3));
    expect(() => proveInclusion(3, 3, read)).toThrow(RangeError);
    expect(() => proveConsistency(3, 2, read)).toThrow(RangeError);
  });
});
