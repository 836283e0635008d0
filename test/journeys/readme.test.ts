import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataFolder, root, startStandalone, type StandaloneProcess } from '../support/standalone.ts';

/** The README's requests, in order: what stands in its `sh` blocks. */
const requests = async (): Promise<string[]> =>
  [...(await readFile(join(root, 'README.md'), 'utf8')).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text ?? '',
  );

describe('The README', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let rollbook: StandaloneProcess;
  beforeAll(async () => {
    data = await dataFolder();
    rollbook = await startStandalone(data.path);
  });
  afterAll(async () => {
    await rollbook.stop();
    await data.remove();
  });

  test('has five requests that work as pasted', async () => {
    const blocks = await requests();
    expect(blocks).toHaveLength(5);
    // One shell, as for somebody who pastes them; only port and folder are those of this test.
    const script = blocks
      .join("printf '\\036'\n")
      .replaceAll('http://localhost:8000', rollbook.url)
      .replaceAll('.data/', `${data.path}/`);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: root });
    const answers = stdout.split('\u001e').map((text) => text.trim());
    const json = (index: number): unknown => JSON.parse(answers[index] ?? '');

    const id: unknown = expect.any(String);
    expect(json(0)).toMatchObject({ id, email: 'mia@example.org', status: 'pending' });
    expect(json(1)).toMatchObject({ email: 'mia@example.org', status: 'active', email_verified: true });
    expect(answers[2]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(json(3)).toMatchObject({
      data: [
        { email: 'mia@example.org', role: 'user', email_verified: true },
        { email: 'admin@rollbook.localhost', role: 'admin' },
      ],
      pagination: {},
    });
    expect(json(4)).toMatchObject({ email: 'mia@example.org', first_name: 'Mia' });
  });
});
