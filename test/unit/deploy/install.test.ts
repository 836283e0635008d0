import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { install } from '../../../deploy/install.mjs';

let root: string;
let said: string[];

/** An npm that notes its arguments, prints a line and ends as told. */
const npm = async (code: number): Promise<string> => {
  const file = join(root, 'npm.sh');
  await writeFile(file, `#!/bin/sh\necho "$@" >> "${root}/calls"\necho 'E404 not found' >&2\nexit ${code}\n`);
  await chmod(file, 0o755);
  return file;
};

const calls = async (): Promise<string[]> =>
  (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).split('\n').slice(0, -1);

const run = (file: string, version = '20.0.0'): Promise<number> =>
  install({ root, version, npm: file, say: (line: string) => void said.push(line) });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rollbook-install-'));
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  await writeFile(join(root, 'node_modules/.bin/node'), '');
  await writeFile(join(root, 'package-lock.json'), '{"lockfileVersion":3}');
  said = [];
});
afterEach(() => rm(root, { recursive: true }));

test('what the lock names is installed once, and again when the lock changes', async () => {
  const file = await npm(0);
  expect(await run(file)).toBe(0);
  expect(said).toEqual(['Installing dependencies (about half a minute, once) …']);
  expect(await run(file)).toBe(0);
  expect(await calls()).toEqual(['ci --no-audit --no-fund --loglevel=error']);
  await writeFile(join(root, 'package-lock.json'), '{"lockfileVersion":3,"changed":true}');
  expect(await run(file)).toBe(0);
  expect(await calls()).toHaveLength(2);
});

test('a failed installation is told in a sentence, with what npm said, and is tried again', async () => {
  const file = await npm(1);
  expect(await run(file)).toBe(1);
  expect(said.slice(1)).toEqual([
    'E404 not found',
    'The dependencies could not be installed (npm ci failed): check the connection to the npm registry, then try again.',
  ]);
  expect(await run(file)).toBe(1);
  expect(await calls()).toHaveLength(2);
});

test('a machine without npm is told the same way', async () => {
  expect(await run(join(root, 'no-npm'))).toBe(1);
  expect(said.at(-1)).toContain('could not be installed');
});

test('an old Node is told which one is needed, and nothing is installed', async () => {
  expect(await run(await npm(0), '18.20.1')).toBe(1);
  expect(said).toEqual([
    'Rollbook needs Node 20 or newer; this is Node 18.20.1. Install a newer one from https://nodejs.org.',
  ]);
  expect(await calls()).toEqual([]);
});

test('where no Node 24 came with the packages, the machine must have it', async () => {
  await rm(join(root, 'node_modules/.bin/node'));
  const file = await npm(0);
  expect(await run(file, '24.1.0')).toBe(0);
  expect(await run(file, '22.9.0')).toBe(1);
  expect(said.at(-1)).toBe(
    'There is no packaged Node 24 for this kind of machine: install Node 24 from https://nodejs.org.',
  );
});
