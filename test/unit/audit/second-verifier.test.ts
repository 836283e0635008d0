import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyFiles } from '../../../deploy/audit/verify.ts';
import { AuditLog, bundleLines, notaryKey, withCheck, type NotaryKey } from '../../support/audit-log.ts';
import { drawFrom } from '../../support/draw.ts';
import { mutate, MUTATION_KINDS, type Original } from '../../support/mutate-bundle.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PYTHON = join(import.meta.dirname, '../../verifier/verify.py');

let folder: string;
let key: NotaryKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-verifier-'));
  key = notaryKey();
  await writeFile(join(folder, 'k.pub'), key.vkey);
});
afterAll(() => rm(folder, { recursive: true }));

interface Said {
  readonly valid: boolean;
  readonly leaves: number;
  readonly problems: readonly { readonly code: string; readonly from: number | null; readonly to: number | null }[];
}

const byPython = (files: readonly string[], since: readonly string[]): Promise<Said & { readonly code: number }> =>
  new Promise((resolve, reject) => {
    const words = [PYTHON, ...files, '--key', join(folder, 'k.pub'), ...since.flatMap((file) => ['--since', file])];
    const child = execFile('python3', words, (fault, stdout, stderr) => {
      if (stderr !== '' || stdout === '') reject(new Error(stderr, { cause: fault }));
      else resolve({ ...(JSON.parse(stdout) as Said), code: child.exitCode ?? 0 });
    });
  });

/** Both verdicts on the same file: valid or not, how many leaves, and the first thing that is wrong. */
const both = async (bundle: string | Buffer, notes: readonly string[] = []) => {
  const file = join(folder, 'bundle.ndjson');
  await writeFile(file, bundle);
  const since = notes.map((_, at) => join(folder, `since-${at}`));
  for (const [at, note] of notes.entries()) await writeFile(since[at]!, note);
  const ours = await verifyFiles([file], { keys: [join(folder, 'k.pub')], since });
  const theirs = await byPython([file], since);
  const [finding] = ours.findings;
  const [problem] = theirs.problems;
  return {
    ours: { valid: ours.valid, code: finding?.code, from: finding?.leaves?.[0], exit: ours.valid ? 0 : 1 },
    theirs: { valid: theirs.valid, code: problem?.code, from: problem?.from ?? undefined, exit: theirs.code },
  };
};

describe(`The verifier in Python says the same as the first (SEED=${SEED})`, () => {
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

  test('and stays small enough to be read: at most 200 lines, of the standard library only', async () => {
    const text = await readFile(PYTHON, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
    const imports = [...text.matchAll(/^\s*(?:import|from) (.+)$/gm)].map(([, names]) => names);
    expect(imports).toStrictEqual(['base64, datetime, hashlib, json, re, sys, zlib']);
  });
});
