import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { verifyFiles } from '../../../deploy/audit/verify.ts';
import { canonicalLeaf, type EventLine } from '@rollbook/shared/audit/bundle/bundle-line';
import { openCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { GrowingTree } from '@rollbook/shared/audit/merkle-tree';
import { parseVerifierKey } from '@rollbook/shared/audit/signed-note';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { AuditLog, bundleLines, notaryKey } from '../../support/audit-log.ts';

const folder = join(import.meta.dirname, '../../audit-vectors');
const file = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(file(name), 'utf8');

interface Vectors {
  readonly event: EventLine['event'];
  readonly canonical: string;
  readonly leaf: string;
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly note: string;
}

const SIZE = 12;

/** Made once; whoever writes a verifier relies on them, so what is there is never written again. */
const writeMissing = (): void => {
  if (existsSync(file('bundle.ndjson'))) return;
  const seed = createHash('sha256').update('golden vectors of the audit trail').digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = notaryKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const log = new AuditLog({ seed: 5, key, people: 2, checkpointEvery: 5 });
  const lines = [...bundleLines(log, SIZE)];
  const again = new AuditLog({ seed: 5, key, people: 2, checkpointEvery: 5 });
  const roots = [again.tree.root().toString('base64')];
  const made = Array.from({ length: SIZE }, () => {
    const one = again.next();
    roots.push(again.tree.root().toString('base64'));
    return one;
  });
  const signedIn = made.find(
    (one): one is Extract<typeof one, { event: object }> => 'event' in one && one.event.type === 'SignedIn',
  )!;
  const vectors: Vectors = {
    event: signedIn.event,
    canonical: canonicalLeaf(signedIn.event),
    leaf: signedIn.hash,
    leaves: made.map((one) => ('event' in one ? one.hash : one.bare)),
    roots,
    note: log.checkpoint(),
  };
  writeFileSync(file('bundle.ndjson'), lines.join(''));
  writeFileSync(file('notary.pub'), `${key.vkey}\n`);
  writeFileSync(file('checkpoint'), vectors.note);
  writeFileSync(file('vectors.json'), `${JSON.stringify(vectors, null, 2)}\n`);
};
if (process.env['WRITE_AUDIT_VECTORS']) writeMissing();

const vectors = JSON.parse(read('vectors.json')) as Vectors;

describe('The golden vectors of the audit trail', () => {
  test('hold for the canonical form and the leaf', () => {
    expect(canonicalLeaf(vectors.event)).toBe(vectors.canonical);
    expect(createHash('sha256').update('\0').update(vectors.canonical).digest('hex')).toBe(vectors.leaf);
    expect(hashEvent({ ...vectors.event, metadata: { ...vectors.event.metadata, hash: '' } })).toBe(vectors.leaf);
    // Not the order in which JavaScript or a writer happens to have them.
    expect(vectors.canonical).toContain('"data":{"at":[1.5,1e+21,null,"ü"]');
  });

  test('hold for the tree', () => {
    const tree = new GrowingTree();
    const roots = [tree.root().toString('base64')];
    for (const leaf of vectors.leaves) {
      tree.append(Buffer.from(leaf, 'hex'));
      roots.push(tree.root().toString('base64'));
    }
    expect(roots).toStrictEqual(vectors.roots);
  });

  test('hold for the signed note', () => {
    const key = parseVerifierKey(read('notary.pub').trim())!;
    const opened = openCheckpoint(vectors.note, [key])!;
    expect([opened.size, opened.root.toString('base64')]).toStrictEqual([SIZE, vectors.roots[SIZE]]);
    expect(read('checkpoint')).toBe(vectors.note);
  });

  test('are a whole bundle, which both verifiers find valid', async () => {
    const verdict = await verifyFiles([file('bundle.ndjson')], {
      keys: [file('notary.pub')],
      since: [file('checkpoint')],
    });
    expect(verdict).toMatchObject({ valid: true, findings: [], leaves: SIZE, since: [{ outcome: 'agrees' }] });
    expect(verdict.bare).toBeGreaterThan(0);
    expect(verdict.recordedCheckpoints.checked).toBeGreaterThan(0);
    const words = [join(folder, '../verifier/verify.py'), file('bundle.ndjson'), '--key', file('notary.pub')];
    expect(JSON.parse(execFileSync('python3', words, { encoding: 'utf8' }))).toStrictEqual({
      valid: true,
      leaves: SIZE,
      problems: [],
    });
  });
});
