import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OUT_OF_REACH, signReceipt } from '@rollbook/shared/person/erasure-receipt';

const docs = resolve(import.meta.dirname, '../../../docs');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signed = {
  id: '9f0e4c0e-6a0b-4b7e-9c53-0d5f4d6c1a52',
  position: '00000000000000000042',
  erased_at: '2026-03-04T09:15:02.481Z',
  key_id: '0c1a4f7e-33f6-4a43-8a44-b1d0a0a5a0c7',
  backups_until: '2026-04-03T09:15:02.502Z',
  out_of_reach: OUT_OF_REACH,
  signed_by: 'k1',
};
const receipt = { ...signed, signature: signReceipt(signed, privateKey) };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-receipt-'));
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }];
  await writeFile(join(folder, 'receipt-keys.json'), JSON.stringify({ keys }));
});
afterAll(() => rm(folder, { recursive: true }));

/** As a stranger runs it: with the two files, and nothing of Rollbook. */
const verified = async (erasure: object): Promise<string> => {
  await writeFile(join(folder, 'erasure.json'), JSON.stringify(erasure));
  const args = [join(docs, 'examples/verify-receipt.mjs'), 'erasure.json', 'receipt-keys.json'];
  return promisify(execFile)(process.execPath, args, { cwd: folder, env: {} }).then(
    ({ stdout }) => stdout.trim(),
    (fault: unknown) => {
      const { code, stdout } = fault as { code: number; stdout: string };
      return `${stdout.trim()} (${String(code)})`;
    },
  );
};

test.each([['the answer', { receipt }] as const, ['the receipt alone', receipt] as const])(
  'The program of the page finds a receipt valid: %s',
  async (_what, erasure) => {
    expect(await verified(erasure)).toBe(`valid: ${signed.id} was erased at ${signed.erased_at}`);
  },
);

test.each([{ key_id: 'another' }, { out_of_reach: [] }, { position: '1' }, { signed_by: 'nobody' }])(
  'The program of the page does not believe a receipt that was changed: %j',
  async (change) => {
    expect(await verified({ receipt: { ...receipt, ...change } })).toBe('NOT valid (1)');
  },
);

test('The page explains everything that a receipt says was not reached', async () => {
  const page = await readFile(join(docs, 'features/deactivation-and-erasure.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+)` /gm)].map(([, name]) => name ?? '');
  expect(rows).toEqual(expect.arrayContaining([...OUT_OF_REACH]));
});
