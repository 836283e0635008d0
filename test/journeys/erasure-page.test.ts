import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUT_OF_REACH } from '@rollbook/shared/person/erasure-receipt';
import { until } from '../support/feed-audience.ts';
import { journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

const failed = ({ code, stdout }: { readonly code: number; readonly stdout: string }): string =>
  `${stdout.trim()} (${String(code)})`;

const root = resolve(import.meta.dirname, '../..');

describe('The page about deactivation and erasure', () => {
  let rollbook: TestRollbook;
  let folder: string;
  let page: string;
  let blocks: readonly string[];
  let env: Record<string, string>;

  beforeAll(async () => {
    rollbook = await startRollbook();
    folder = await mkdtemp(join(tmpdir(), 'rollbook-page-'));
    page = await readFile(join(root, 'docs/features/deactivation-and-erasure.md'), 'utf8');
    blocks = [...page.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');
    const journey = journeyOn(rollbook);
    env = { TOKEN: await journey.admin(), USER_ID: (await journey.member('mia')).body.user.id as string };
  });
  afterAll(async () => {
    await rollbook.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs a block as pasted; only the address and the place of the project are those of this test. */
  const run = async (block: string | undefined): Promise<{ readonly code: number; readonly out: string }> => {
    const script = (block ?? '').replaceAll('http://localhost:8000', rollbook.url).replaceAll('docs/', `${root}/docs/`);
    const options = { cwd: folder, env: { ...process.env, ...env } };
    try {
      return { code: 0, out: (await promisify(execFile)('bash', ['-ec', script], options)).stdout };
    } catch (fault) {
      const { code, stdout } = fault as { code: number; stdout: string };
      return { code, out: stdout };
    }
  };

  test('has commands that work as pasted: deactivate, reactivate, erase, verify the receipt offline', async () => {
    expect(blocks).toHaveLength(3);
    const [status, ...user] = (await run(blocks[0])).out.split('\n');
    expect([status, JSON.parse(user.join('\n'))]).toMatchObject(['204', { id: env['USER_ID'], is_active: true }]);

    const erased = await run(blocks[1]);
    expect(erased.out.split('\n')[0]).toBe('204');
    const withReceipt = async (): Promise<boolean> => {
      await run((blocks[1] ?? '').split('\n').slice(2).join('\n'));
      return (JSON.parse(await readFile(join(folder, 'erasure.json'), 'utf8')) as { receipt?: object }).receipt != null;
    };
    await until('the receipt is shown', withReceipt);
    const erasure = JSON.parse(await readFile(join(folder, 'erasure.json'), 'utf8')) as { receipt: object };
    const shown = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '') as typeof erasure;
    expect(Object.keys(erasure).sort()).toEqual(Object.keys(shown).sort());
    expect(Object.keys(erasure.receipt).sort()).toEqual(Object.keys(shown.receipt).sort());

    // As a stranger would: nothing of Rollbook runs, and nothing of it is asked.
    const alone = async () => {
      const args = [join(root, 'docs/examples/verify-receipt.mjs'), 'erasure.json', 'receipt-keys.json'];
      return promisify(execFile)(process.execPath, args, { cwd: folder, env: {} }).then(
        ({ stdout }) => stdout.trim(),
        (fault: unknown) => failed(fault as { code: number; stdout: string }),
      );
    };
    expect(await run(blocks[2])).toEqual({ code: 0, out: expect.stringMatching(`^valid: ${env['USER_ID'] ?? ''} `) });
    expect(await alone()).toMatch(/^valid: /);
    for (const change of [{ key_id: 'another' }, { out_of_reach: [] }, { position: '1' }, { signed_by: 'nobody' }]) {
      const forged = { ...erasure, receipt: { ...erasure.receipt, ...change } };
      await writeFile(join(folder, 'erasure.json'), JSON.stringify(forged));
      expect([change, await alone()]).toEqual([change, 'NOT valid (1)']);
    }
  }, 120_000);

  test('explains everything that a receipt says was not reached', () => {
    const rows = [...page.matchAll(/^\| `([\w-]+)` /gm)].map(([, name]) => name ?? '');
    expect(rows).toEqual(expect.arrayContaining([...OUT_OF_REACH]));
  });
});
