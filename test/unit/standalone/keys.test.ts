import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList, publicKeyList, secretList } from '@rollbook/shared/process/secret-settings';
import { z } from 'zod';
import { runKeysCommand } from '../../../deploy/keys/command-line.ts';
import { lockDataDir } from '../../../deploy/standalone/lock.ts';
import { provideSecrets } from '../../../deploy/standalone/secrets.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-keys-'));
  file = join(folder, 'secrets.json');
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (words: string, env: NodeJS.ProcessEnv = { DATA_DIR: folder }) => {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = { log: (line: string) => void out.push(line), error: (line: string) => void err.push(line) };
  const code = await runKeysCommand(words.split(' ').filter(Boolean), env, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
};
type Kept = Record<string, string>;
const kept = async (): Promise<Kept> => JSON.parse(await readFile(file, 'utf8')) as Kept;
const ids = (list = ''): readonly string[] => list.split(',').map((entry) => entry.split(':')[0] ?? '');
const settings = async (): Promise<Kept> =>
  Object.fromEntries((await run('generate')).out.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
const linesOf = (out: string): Kept =>
  Object.fromEntries(out.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2))) as Kept;

const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['token', ['TOKEN_PRIVATE_KEYS', 'TOKEN_PUBLIC_KEYS']],
  ['notary', ['NOTARY_PRIVATE_KEYS', 'NOTARY_PUBLIC_KEYS']],
  ['receipt', ['RECEIPT_PRIVATE_KEYS', 'RECEIPT_PUBLIC_KEYS']],
  ['master', ['MASTER_KEY']],
  ['pepper', ['PASSWORD_PEPPER']],
  ['link', ['LINK_KEYS']],
];

describe('Rotating a key of the small profile', () => {
  beforeEach(() => provideSecrets(folder, {}, () => Promise.resolve(true)));

  test.each(KINDS)(
    '%s puts a new one before the former, for its owner alone, and changes nothing else',
    async (kind, names) => {
      const before = await kept();
      await chmod(file, 0o644);
      const { code, out } = await run(`rotate ${kind}`);
      const after = await kept();
      expect([code, (await stat(file)).mode & 0o777]).toStrictEqual([0, 0o600]);
      for (const name of Object.keys(before)) {
        if (!names.includes(name)) expect(after[name]).toBe(before[name]);
        else
          expect([ids(after[name]), after[name]?.endsWith(`,${String(before[name])}`)]).toStrictEqual([
            ['k2', 'k1'],
            true,
          ]);
      }
      expect(out).toContain('k2 is current, k1 still accepted');
      for (const value of Object.values(after)) expect(out).not.toContain(value.slice(3, 40));
    },
  );

  test('makes both halves of a pair, that belong together', async () => {
    await run('rotate token');
    const { TOKEN_PRIVATE_KEYS: secret, TOKEN_PUBLIC_KEYS: open } = readConfig(
      z.object({ TOKEN_PRIVATE_KEYS: privateKeyList('rsa'), TOKEN_PUBLIC_KEYS: publicKeyList('rsa') }),
      await kept(),
    );
    for (const [index, { id, key }] of secret.entries()) {
      expect(open[index]?.id).toBe(id);
      expect(open[index]?.key.equals(createPublicKey(key))).toBe(true);
    }
  });

  test('can be done in two steps: first accepted, then current', async () => {
    await run('rotate token --stage');
    expect(ids((await kept())['TOKEN_PRIVATE_KEYS'])).toStrictEqual(['k1', 'k2']);
    for (const word of ['--stage', ''])
      expect(await run(`rotate token ${word}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining('k2 is staged'),
      });
    expect((await run('rotate token --promote')).code).toBe(0);
    for (const name of ['TOKEN_PRIVATE_KEYS', 'TOKEN_PUBLIC_KEYS'])
      expect(ids((await kept())[name])).toStrictEqual(['k2', 'k1']);
    expect(await run('rotate token --promote')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No key is staged'),
    });
    await run('rotate token');
    expect(ids((await kept())['TOKEN_PUBLIC_KEYS'])).toStrictEqual(['k3', 'k2', 'k1']);
  });

  test('is refused while it runs, and changes nothing', async () => {
    const before = await readFile(file, 'utf8');
    const lock = await lockDataDir(folder);
    const { code, err } = await run('rotate master');
    await lock.release();
    expect([code, err]).toStrictEqual([1, expect.stringContaining(`Process ${String(process.pid)} already serves`)]);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  test.each(['{"MASTER_KEY": "k1:', '{"MASTER_KEY": "nonsense"}', '{"MASTER_KEY": 7}', '{}'])(
    'is refused for a file that is not as it was written: %s',
    async (text) => {
      await writeFile(file, text);
      const { code, err } = await run('rotate master');
      expect([code, err]).toStrictEqual([1, expect.stringMatching(/MASTER_KEY must be|not as it was written/)]);
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );
});

describe('Rotating a key elsewhere', () => {
  test.each(KINDS)('%s prints the new settings and writes nothing', async (kind, names) => {
    const env = await settings();
    const { code, out } = await run(`rotate ${kind}`, { ...env, DATA_DIR: folder });
    expect([code, Object.keys(linesOf(out))]).toStrictEqual([0, names]);
    for (const [name, value] of Object.entries(linesOf(out))) {
      expect(value.endsWith(`,${String(env[name])}`)).toBe(true);
      expect(ids(value)).toStrictEqual(['k2', 'k1']);
    }
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('takes ids as they are given', async () => {
    const env = { LINK_KEYS: (await settings())['LINK_KEYS']?.replace('k1', 'spring-2025') ?? '' };
    const { out } = await run('rotate link', env);
    expect(ids(linesOf(out)['LINK_KEYS'])).toStrictEqual(['k2026', 'spring-2025']);
    expect(readConfig(z.object({ LINK_KEYS: secretList() }), linesOf(out)).LINK_KEYS).toHaveLength(2);
  });

  test('is refused where only one half of a pair is set, or nothing at all', async () => {
    const { TOKEN_PRIVATE_KEYS } = await settings();
    expect(await run('rotate token', { TOKEN_PRIVATE_KEYS, DATA_DIR: folder })).toMatchObject({
      code: 1,
      err: expect.stringContaining('TOKEN_PUBLIC_KEYS must be'),
    });
    expect(await run('rotate token')).toMatchObject({ code: 1, err: expect.stringContaining('nothing to rotate') });
  });
});

describe('npm run keys', () => {
  test('says in a sentence why the digest key stays', async () => {
    for (const word of ['digest', 'DIGEST_KEY'])
      expect(await run(`rotate ${word}`)).toStrictEqual({
        code: 1,
        out: '',
        err: 'DIGEST_KEY cannot be rotated: the log finds every address and username under a digest made with it, for ever.',
      });
  });

  test.each([
    '',
    'rotate',
    'rotate all',
    'rotate token pepper',
    'rotate token --stage --promote',
    'generate now',
    '--force',
  ])('with "%s" explains itself and ends with 2', async (words) => {
    const { code, out, err } = await run(words);
    expect([code, out, err]).toStrictEqual([2, '', expect.stringContaining('Usage: npm run keys')]);
  });

  test.each(['help', '--help', '-h'])('%s explains itself', async (word) => {
    expect(await run(word)).toMatchObject({ code: 0, out: expect.stringContaining('Exit codes'), err: '' });
  });
});
