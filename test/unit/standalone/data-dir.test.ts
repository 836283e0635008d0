import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList, publicKeyList, secret, secretList } from '@rollbook/shared/process/secret-settings';
import { z } from 'zod';
import { provideFirstAdmin, randomPassword } from '../../../deploy/standalone/first-admin.ts';
import { lockDataDir } from '../../../deploy/standalone/lock.ts';
import { openDataDir } from '../../../deploy/standalone/open-data-dir.ts';
import { provideSecrets } from '../../../deploy/standalone/secrets.ts';
import { removeServicesFile, writeServicesFile } from '../../../deploy/standalone/services-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-unit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (name: string): Promise<number> => (await stat(join(folder, name))).mode & 0o777;
const empty = (): Promise<boolean> => Promise.resolve(true);
const notEmpty = (): Promise<boolean> => Promise.resolve(false);

describe('The secrets of the small profile', () => {
  test('are made once, as the services want them, for their owner alone', async () => {
    const made = await provideSecrets(folder, {}, empty);
    const lists = { MASTER_KEY: secretList(), PASSWORD_PEPPER: secretList(), LINK_KEYS: secretList() };
    const tokens = { TOKEN_PRIVATE_KEYS: privateKeyList('rsa'), TOKEN_PUBLIC_KEYS: publicKeyList('rsa') };
    const notary = { NOTARY_PRIVATE_KEYS: privateKeyList('ed25519'), NOTARY_PUBLIC_KEYS: publicKeyList('ed25519') };
    const receipt = { RECEIPT_PRIVATE_KEYS: privateKeyList('ed25519'), RECEIPT_PUBLIC_KEYS: publicKeyList('ed25519') };
    const schema = z.strictObject({ ...lists, ...tokens, ...notary, ...receipt, DIGEST_KEY: secret() });
    expect(Object.keys(readConfig(schema, { ...made }))).toHaveLength(10);
    expect(await modeOf('secrets.json')).toBe(0o600);
    expect(await provideSecrets(folder, {}, notEmpty)).toEqual(made);
  });

  test('that the environment names win over those that were kept', async () => {
    const made = await provideSecrets(folder, {}, empty);
    expect(await provideSecrets(folder, { MASTER_KEY: 'k2:x,k1:y' }, notEmpty)).toEqual({
      ...made,
      MASTER_KEY: 'k2:x,k1:y',
    });
  });

  test('are never made anew for a log that has events', async () => {
    await expect(provideSecrets(folder, {}, notEmpty)).rejects.toThrow(/^The event log has events, but MASTER_KEY, /);
    const made = await provideSecrets(folder, {}, empty);
    const { DIGEST_KEY, ...rest } = made;
    await writeFile(join(folder, 'secrets.json'), JSON.stringify(rest));
    await expect(provideSecrets(folder, {}, notEmpty)).rejects.toThrow(/but DIGEST_KEY of its keys is missing/);
    expect(await readFile(join(folder, 'secrets.json'), 'utf8')).not.toContain(DIGEST_KEY);
  });

  test('of a pair are given both or neither', async () => {
    await expect(provideSecrets(folder, { TOKEN_PRIVATE_KEYS: 'k1:x' }, empty)).rejects.toThrow(
      'TOKEN_PUBLIC_KEYS must be set, because the other half of the pair is.',
    );
  });

  test('that were spoiled are told, not replaced', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"MASTER_KEY": 7}');
    await expect(provideSecrets(folder, {}, empty)).rejects.toThrow(/is not as it was written/);
  });
});

describe("The first administrator's credentials", () => {
  test('are made once and kept for their owner alone', async () => {
    const { isNew, ...made } = await provideFirstAdmin(folder);
    expect(isNew).toBe(true);
    expect(JSON.parse(await readFile(join(folder, 'first-admin.json'), 'utf8'))).toEqual(made);
    expect(await modeOf('first-admin.json')).toBe(0o600);
    expect(await provideFirstAdmin(folder)).toEqual({ ...made, isNew: false });
  });

  test('that were spoiled are told, not replaced', async () => {
    await writeFile(join(folder, 'first-admin.json'), '{}');
    await expect(provideFirstAdmin(folder)).rejects.toThrow(/is not as it was written/);
  });

  test('hold a password of four kinds of signs, another one each time', () => {
    const passwords = Array.from({ length: 200 }, randomPassword);
    for (const password of passwords)
      expect(password).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z2-9]{6}(?:-[A-Za-z2-9]{6}){3}$/);
    expect(new Set(passwords).size).toBe(200);
  });
});

describe('The data folder', () => {
  test('belongs to one process at a time', async () => {
    const lock = await lockDataDir(folder);
    await expect(lockDataDir(folder)).rejects.toThrow(`Process ${String(process.pid)} already serves ${folder}`);
    await lock.release();
    await (await lockDataDir(folder)).release();
  });

  test('is made when it is missing, and told of when it cannot be', async () => {
    await openDataDir(join(folder, 'a', 'b'));
    expect((await stat(join(folder, 'a', 'b'))).isDirectory()).toBe(true);
    await writeFile(join(folder, 'file'), '');
    await expect(openDataDir(join(folder, 'file', 'c'))).rejects.toThrow(/^This user cannot write to the data folder/);
    await expect(openDataDir(join(folder, 'file'))).rejects.toThrow(/ENOTDIR/);
    // A folder in which nothing can be made, not even by root, and that says so in an unusual way.
    if (process.platform === 'linux') await expect(openDataDir('/proc/rollbook/data')).rejects.toThrow(/ENOENT/);
    if (process.getuid?.() !== 0) {
      await chmod(folder, 0o500);
      await expect(openDataDir(folder)).rejects.toThrow(/^This user cannot write to the data folder/);
      await chmod(folder, 0o700);
    }
  });

  test('says where everything listens, to its owner alone, while it runs', async () => {
    const url = 'http://127.0.0.1:1';
    await writeServicesFile(folder, {
      gateway: url,
      command_api: url,
      query_api: url,
      projector: url,
      mailer: url,
      database_url: 'postgres://x',
      smtp_url: 'smtp://x',
      pids: { service: 1, postgres: null },
    });
    expect(await modeOf('services.json')).toBe(0o600);
    await removeServicesFile(folder);
    await removeServicesFile(folder);
    await expect(modeOf('services.json')).rejects.toThrow('ENOENT');
  });
});
