import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { claimsLine, NO_CLAIMS, withClaim } from '@rollbook/shared/audit/claims';
import { nodesOf, type NodeId } from '@rollbook/shared/audit/merkle-tree';
import { formatVerifierKey, signNote, verifierKey } from '@rollbook/shared/audit/signed-note';
import { verifyFiles } from '../../../deploy/audit/verify.ts';
import {
  AuditLog,
  bundleLines,
  headerOf,
  notaryKey,
  subtreeHash,
  withCheck,
  type NotaryKey,
} from '../../support/audit-log.ts';
import { drawFrom } from '../../support/draw.ts';
import { findPython } from '../../features-pages/run-page.ts';
import { mutate, MUTATION_KINDS, type Original } from '../../support/mutate-bundle.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const OTHER_LOG = 'rollbook/00000000-0000-4000-8000-00000000dcba';
const PYTHON = join(import.meta.dirname, '../../verifier/verify.py');

let folder: string;
let key: NotaryKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-verifier-'));
  key = notaryKey();
  await writeFile(join(folder, 'k.pub'), `${key.vkey}\n${formatVerifierKey(verifierKey(OTHER_LOG, key.privateKey))}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** A node over the first leaves of the log of this seed (hex). */
const hashOfNode = (seed: number, node: NodeId): string => {
  const log = new AuditLog({ seed, key });
  const leaves = Array.from({ length: (node.index + 1) * 2 ** node.level }, () => {
    const made = log.next();
    return 'event' in made ? made.hash : made.bare;
  });
  return subtreeHash(leaves, node);
};

interface Said {
  readonly valid: boolean;
  readonly leaves: number;
  readonly problems: readonly { readonly code: string; readonly from: number | null; readonly to: number | null }[];
}

const byPython = (files: readonly string[], since: readonly string[]): Promise<Said & { readonly code: number }> =>
  new Promise((resolve, reject) => {
    const words = [PYTHON, ...files, '--key', join(folder, 'k.pub'), ...since.flatMap((file) => ['--since', file])];
    const child = execFile(python ?? '', words, (fault, stdout, stderr) => {
      if (stderr !== '' || stdout === '') reject(new Error(stderr, { cause: fault }));
      else resolve({ ...(JSON.parse(stdout) as Said), code: child.exitCode ?? 0 });
    });
  });

/** Both verdicts on the same files: valid or not, how many leaves, and the first thing that is wrong. */
const both = async (parts: string | Buffer | readonly string[], notes: readonly string[] = []) => {
  const bundles = typeof parts === 'string' || Buffer.isBuffer(parts) ? [parts] : parts;
  const files = bundles.map((_, at) => join(folder, `bundle-${at}.ndjson`));
  for (const [at, bundle] of bundles.entries()) await writeFile(files[at]!, bundle);
  const since = notes.map((_, at) => join(folder, `since-${at}`));
  for (const [at, note] of notes.entries()) await writeFile(since[at]!, note);
  const ours = await verifyFiles(files, { keys: [join(folder, 'k.pub')], since });
  const theirs = await byPython(files, since);
  const [finding] = ours.findings;
  const [problem] = theirs.problems;
  return {
    ours: { valid: ours.valid, code: finding?.code, from: finding?.leaves?.[0], exit: ours.valid ? 0 : 1 },
    theirs: { valid: theirs.valid, code: problem?.code, from: problem?.from ?? undefined, exit: theirs.code },
  };
};

const python = await findPython();

(python === null ? describe.skip : describe)(`The verifier in Python says the same as the first (SEED=${SEED})`, () => {
  test('of whole exports, with and without an older checkpoint', async () => {
    for (const size of [1, 2, 63, 64, 65]) {
      const log = new AuditLog({ seed: SEED, key });
      const older = new AuditLog({ seed: SEED, key });
      for (let leaf = 0; leaf < size / 2; leaf += 1) older.next();
      const bundle = [...bundleLines(log, size)].join('');
      const { ours, theirs } = await both(bundle, [older.checkpoint(), log.checkpoint()]);
      expect(ours).toStrictEqual({ valid: true, code: undefined, from: undefined, exit: 0 });
      expect(theirs).toStrictEqual(ours);
    }
  });

  test.each(MUTATION_KINDS)('of an export with a %s', async (kind) => {
    const log = new AuditLog({ seed: SEED, key });
    const original: Original = {
      lines: [...bundleLines(log, 100)],
      newest: log.checkpoint(),
      privateKey: key.privateKey,
    };
    const draw = drawFrom(SEED);
    const { bundle, since } = mutate(kind, original, draw);
    const { ours, theirs } = await both(bundle, since);
    expect(ours.valid).toBe(false);
    expect(theirs).toStrictEqual(ours);
  });

  test('of what somebody made by hand who knows the format, but not the key', async () => {
    const [header, ...lines] = [...bundleLines(new AuditLog({ seed: SEED, key }), 40)];
    const [first, last] = [lines.findIndex((line) => line.startsWith('{"event"')), lines.at(-1)!];
    const respelled = (line: string, from: RegExp | string, to: string): string => {
      const [text] = line.split(',"crc32"');
      expect(text!.replace(from, to)).not.toBe(text);
      return withCheck(text!.replace(from, to));
    };
    const event = (from: RegExp | string, to: string): string =>
      [header, ...lines.with(first, respelled(lines[first]!, from, to))].join('');
    const made: Readonly<Record<string, string>> = {
      'the header alone': header!,
      'half a line behind the checkpoint': `${header!}${lines.join('')}{"event":`,
      'half a header of another part behind the checkpoint': `${header!}${lines.join('')}${header!.slice(0, 40)}`,
      'the header of another log': respelled(header!, /"log_id":"[^"]*"/, '"log_id":"another"') + lines.join(''),
      'a filter of nothing': respelled(header!, '"filter":null', '"filter":{}') + lines.join(''),
      'a leaf written otherwise': event(/"leaf":(\d+)/, '"leaf":$1.0'),
      'a hash written otherwise': event('"hash":"', '"\\u0068ash":"'),
      'a member more': event(',"position"', ',"more":1,"position"'),
      'members in another order': event(/("leaf":\d+),("hash":"[0-9a-f]+")/, '$2,$1'),
      'line feeds as others have them': [header, ...lines].join('').replaceAll('\n', '\r\n'),
      'a mark of the order of bytes': `\ufeff${header!}${lines.join('')}`,
      'only the checkpoint': last,
    };
    for (const [name, bundle] of Object.entries(made)) {
      const { ours, theirs } = await both(bundle);
      expect([name, ours.valid, theirs.valid]).toStrictEqual([name, false, false]);
    }
  });

  test('of older checkpoints of another log, and of such as call something else a claim', async () => {
    const log = new AuditLog({ seed: SEED, key });
    const older = new AuditLog({ seed: SEED, key });
    for (let leaf = 0; leaf < 60; leaf += 1) older.next();
    const bundle = [...bundleLines(log, 90)].join('');
    const elsewhere = formatCheckpoint({ origin: OTHER_LOG, size: 60, root: older.tree.root(), extensions: [] });
    const notes: Readonly<Record<string, string>> = {
      'wrong-log': signNote(elsewhere, [{ name: OTHER_LOG, privateKey: key.privateKey }]),
      'not-claims': older.checkpoint(key, [claimsLine(withClaim(NO_CLAIMS, 7))]),
    };
    for (const [code, note] of Object.entries(notes)) {
      const { ours, theirs } = await both(bundle, [note]);
      expect(ours).toMatchObject({ valid: false, code, exit: 1 });
      expect(theirs).toStrictEqual(ours);
    }
    const { ours, theirs } = await both(bundle, [older.checkpoint(key, [])]);
    expect([ours.valid, theirs.valid]).toStrictEqual([true, true]);
  });

  test('of an older checkpoint that no given key signed, which both refuse to compare', async () => {
    const log = new AuditLog({ seed: SEED, key });
    const bundle = [...bundleLines(log, 20)].join('');
    const note = log.checkpoint(notaryKey());
    await expect(both(bundle, [note])).rejects.toThrow('is no checkpoint that a given key signed');
    const since = join(folder, 'since-0');
    await expect(byPython([join(folder, 'bundle-0.ndjson')], [since])).rejects.toThrow('not signed by a given key');
    const strange = 'rollbook/00000000-0000-4000-8000-000000000abc';
    const text = formatCheckpoint({ origin: strange, size: 20, root: log.tree.root(), extensions: [] });
    const other = signNote(text, [{ name: strange, privateKey: key.privateKey }]);
    await expect(both(bundle, [other])).rejects.toThrow(`is of another log, ${strange}`);
  });

  test('of parts, the first of which ends in a torn line that the second one has whole', async () => {
    const log = new AuditLog({ seed: SEED, key });
    const lines = [...bundleLines(log, 40)];
    const again = new AuditLog({ seed: SEED, key });
    const leaves = Array.from({ length: 20 }, () => again.next().leaf);
    const before = nodesOf({ start: 0, end: leaves.length }).map((node) => hashOfNode(SEED, node));
    const [first, second] = [
      lines.slice(0, 21).join(''),
      [headerOf(40, { from_leaf: 20, before }), ...lines.slice(21)],
    ];
    const torn = first + lines[21]!.slice(0, 30);
    const { ours, theirs } = await both([torn, second.join('')]);
    expect(ours).toStrictEqual({ valid: true, code: undefined, from: undefined, exit: 0 });
    expect(theirs).toStrictEqual(ours);
    const broken = await both([first, torn]);
    expect([broken.ours.valid, broken.theirs.valid]).toStrictEqual([false, false]);
  });

  test('and stays small enough to be read: at most 200 lines, of the standard library only', async () => {
    const text = await readFile(PYTHON, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
    const imports = [...text.matchAll(/^\s*(?:import|from) (.+)$/gm)].map(([, names]) => names);
    expect(imports).toStrictEqual(['base64, datetime, hashlib, json, re, sys, zlib']);
  });
});
