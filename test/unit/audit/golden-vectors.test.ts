import { describe, expect, test } from '@jest/globals';
import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCheckpoint, openCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { claimsLine, claimsOf, NO_CLAIMS, withClaim } from '@rollbook/shared/audit/claims';
import { proveConsistency, proveInclusion, type ReadNodes } from '@rollbook/shared/audit/merkle-proof';
import { GrowingTree, hashOf, type Hash } from '@rollbook/shared/audit/merkle-tree';
import { formatVerifierKey, parseVerifierKey, signNote, verifierKey } from '@rollbook/shared/audit/signed-note';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { canonicalJson, type Json } from '@rollbook/shared/kernel/json';

interface Vectors {
  readonly leaves: readonly { readonly canonical: string; readonly hash: string }[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { leaf: number; size: number; path: readonly string[] }[];
  readonly consistency: readonly { from: number; to: number; path: readonly string[] }[];
  readonly key: { readonly seed: string; readonly vkey: string };
  readonly claims: readonly { readonly claims: readonly number[]; readonly line: string }[];
  readonly checkpoint: {
    readonly origin: string;
    readonly size: number;
    readonly extensions: readonly string[];
    readonly note: string;
  };
}

const docs = join(import.meta.dirname, '../../../docs');
const vectors = JSON.parse(readFileSync(join(docs, 'examples/audit-vectors.json'), 'utf8')) as Vectors;
const page = readFileSync(join(docs, 'features/audit.md'), 'utf8');
const leaves = vectors.leaves.map(({ hash }) => Buffer.from(hash, 'hex'));
const hex = (hashes: readonly Hash[]): string[] => hashes.map((hash) => hash.toString('hex'));

/** Of three leaves only one subtree is full above them. */
const read: ReadNodes = (nodes) =>
  Promise.resolve(nodes.map(({ level, index }) => hashOf(leaves.slice(index << level, (index + 1) << level))));

describe('The vectors of docs/features/audit.md', () => {
  test.each(vectors.leaves)('leaf $hash is SHA-256 of 0x00 and the canonical text', ({ canonical, hash }) => {
    expect(createHash('sha256').update(Buffer.of(0)).update(canonical).digest('hex')).toBe(hash);
    expect(canonicalJson(JSON.parse(canonical) as Json)).toBe(canonical);
    expect(hashEvent(JSON.parse(canonical) as Parameters<typeof hashEvent>[0])).toBe(hash);
  });

  test('have the roots and paths of the tree', async () => {
    const tree = new GrowingTree();
    const roots = [tree.root()];
    for (const leaf of leaves) {
      tree.append(leaf);
      roots.push(tree.root());
    }
    expect(hex(roots)).toStrictEqual(vectors.roots);
    for (const { leaf, size, path } of vectors.inclusion)
      expect(hex(await proveInclusion(leaf, size, read))).toStrictEqual(path);
    for (const { from, to, path } of vectors.consistency)
      expect(hex(await proveConsistency(from, to, read))).toStrictEqual(path);
  });

  test.each(vectors.claims)('have the line of the claims at the leaves $claims', ({ claims, line }) => {
    const chained = claims.reduce(withClaim, NO_CLAIMS);
    expect(claimsLine(chained)).toBe(line);
    expect(claimsOf({ extensions: ['another line', line] })).toStrictEqual(chained);
    for (const spoilt of [line.replace(' ', '  '), line.slice(0, -1), `${line} `, line.replace('claims ', 'claims 0')])
      expect(claimsOf({ extensions: [spoilt] })).toBeNull();
    expect(claimsOf({ extensions: [line, line] })).toBeNull();
  });

  test('have the key, and the note that it signs', () => {
    const { origin, size, extensions, note } = vectors.checkpoint;
    const der = Buffer.from(`302e020100300506032b657004220420${vectors.key.seed}`, 'hex');
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    expect(formatVerifierKey(verifierKey(origin, privateKey))).toBe(vectors.key.vkey);
    const root = Buffer.from(vectors.roots[size] ?? '', 'hex');
    expect(signNote(formatCheckpoint({ origin, size, root, extensions }), [{ name: origin, privateKey }])).toBe(note);
    expect(openCheckpoint(note, [parseVerifierKey(vectors.key.vkey)!])).toMatchObject({
      origin,
      size,
      root,
      extensions,
    });
  });

  test('stand on the page as in the file', () => {
    expect(page).toContain(vectors.leaves[0]!.canonical);
    for (const { hash } of vectors.leaves) expect(page).toContain(hash);
    for (const { line } of vectors.claims) expect(page).toContain(line);
    expect(page).toContain(vectors.roots[3]);
    expect(page).toContain(vectors.key.vkey);
    expect(page).toContain(vectors.checkpoint.note);
  });
});
