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

/** Registers after Mia, so that a newer mail than hers, with a link of its own, lies above it in the inbox. */
const SOMEBODY_ELSE = `
curl -s http://localhost:8000/v1/users -o /dev/null -H 'Content-Type: application/json' \\
  -d '{"email":"ben@example.org","password":"Correct-horse-9"}'
until curl -s http://localhost:8000/dev/inbox.json | grep -q '"to":"ben@example.org"'; do sleep 0.2; done
`;

describe('The README', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let types: typeof data;
  let rollbook: StandaloneProcess;
  beforeAll(async () => {
    [data, types] = [await dataFolder(), await dataFolder()];
    rollbook = await startStandalone(data.path);
  });
  afterAll(async () => {
    await rollbook.stop();
    await data.remove();
    await types.remove();
  });

  test('has five requests that work as pasted', async () => {
    const blocks = await requests();
    expect(blocks).toHaveLength(5);
    // One shell, as for somebody who pastes them; only port and folder are those of this test.
    const script = blocks
      .with(0, `${blocks[0] ?? ''}${SOMEBODY_ELSE}`)
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
        { email: 'ben@example.org', email_verified: false },
        { email: 'mia@example.org', role: 'user', email_verified: true },
        { email: 'admin@rollbook.localhost', role: 'admin' },
      ],
      pagination: {},
    });
    expect(json(4)).toMatchObject({ email: 'mia@example.org', first_name: 'Mia' });
  });

  test('leads portals to types that are made as the page says, and to a program that goes the whole way', async () => {
    const page = await readFile(join(root, 'docs/typed-client.md'), 'utf8');
    const command = /^npx openapi-typescript (\S+) -o (\S+)$/m.exec(page);
    const cli = join(root, 'node_modules/openapi-typescript/bin/cli.js');
    const args = [cli, (command?.[1] ?? '').replace('http://localhost:8000', rollbook.url), '-o', command?.[2] ?? ''];
    await promisify(execFile)(process.execPath, args, { cwd: types.path });
    const committed = await readFile(join(root, 'docs/client/rollbook-api.d.ts'), 'utf8');
    expect(await readFile(join(types.path, command?.[2] ?? ''), 'utf8')).toBe(committed);

    const run = /^npx node (\S+) http:\/\/localhost:8000 (\S+)$/m.exec(page);
    const program = [join(root, run?.[1] ?? ''), rollbook.url, run?.[2] ?? ''];
    const { stdout } = await promisify(execFile)(process.execPath, program, { timeout: 60_000 });
    const [seen = '', after] = stdout.trim().split('\n');
    expect(JSON.parse(seen)).toStrictEqual({ username: 'ada', status: 'active', phone: '+1-555-0123' });
    expect(after).toBe('signed in for another 900 s');
  });
});
