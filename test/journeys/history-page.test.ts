import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { call } from '../support/client.ts';
import { journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

interface History {
  readonly data: readonly object[];
  readonly pagination: object;
}

let rollbook: TestRollbook;
let folder: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  folder = await mkdtemp(join(tmpdir(), 'rollbook-history-'));
});
afterAll(async () => {
  await rollbook.stop();
  await rm(folder, { recursive: true });
});

test('The page about history has commands that work as pasted, and shows entries as they are', async () => {
  const journey = journeyOn(rollbook);
  const { body } = await journey.member('mia');
  const id = body.user.id as string;
  await call(rollbook.url, 'PATCH', `/users/${id}`, {
    token: String(body.access_token),
    body: { phone: '+1-555-0123' },
  });
  const page = await readFile(resolve(import.meta.dirname, '../../docs/features/history-and-time-travel.md'), 'utf8');
  const blocks = [...page.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');
  const script = blocks.join("printf '\\036'\n").replaceAll('http://localhost:8000', rollbook.url);
  const options = { cwd: folder, env: { ...process.env, TOKEN: await journey.admin(), USER_ID: id } };
  const { stdout } = await promisify(execFile)('bash', ['-ec', script], options);
  const [history, difference, now] = stdout.split('\u001e');

  const found = JSON.parse(history ?? '') as History;
  const shown = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '') as History;
  expect(found.data[0]).toMatchObject({
    type: 'ProfileChanged',
    changes: [{ field: 'phone', before: null, after: '+1-555-0123' }],
  });
  expect(Object.keys(found.data[0] ?? {})).toStrictEqual(Object.keys(shown.data[0] ?? {}));
  expect(Object.keys(found.pagination)).toStrictEqual(Object.keys(shown.pagination));
  expect(difference).toContain('+1-555-0123');
  expect(JSON.parse(now ?? '')).toMatchObject({ id });
  const person = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));
  expect(await person('before.json')).toMatchObject({ id, phone: null });
  expect(await person('after.json')).toMatchObject({ id, phone: '+1-555-0123' });
});
