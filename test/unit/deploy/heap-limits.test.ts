import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');

test.each([
  ['npm start', 'package.json', /"start": "(.*)"/],
  ['the image', 'deploy/Dockerfile', /^CMD (.*)$/m],
  ['npm run start:large', 'deploy/large/main.ts', /const FLAGS = \[([^;]*)\];/],
])('%s limits what V8 leaves lying about, as the promise for exports needs it', async (_way, file, where) => {
  const [, flags] = where.exec(await readFile(join(ROOT, file), 'utf8')) ?? [];
  expect(flags).toContain('--max-semi-space-size=8');
  expect(flags).toContain('--heap-growing-percent=30');
});
