import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, afterEach, expect } from '@jest/globals';
import { SEEN } from './answer-coverage.ts';
import { ApiDocument } from './api-document.ts';
import { differences } from './differences.ts';

// Runs beside every test file: each answer that a test gets from a Rollbook is held against openapi.json, and a
// difference fails the test. Which answers were seen is written down for `test/answers.ts`.

const root = join(import.meta.dirname, '../..');
/** Tests of parts, which answer on these paths whatever suits the test. */
const PARTS = ['test/unit/', 'test/contracts/'];

const API = /^\/(?:(?:v1|api\/v1|health|\.well-known)\/|(?:openapi|asyncapi)\.json$|schemas\/events\/)/;
const READ = /^application\/json|^$/;

const document = ApiDocument.committed();
const seen = new Set<string>();

const testFile = (): string => relative(root, expect.getState().testPath ?? '');

const look = async (method: string, url: URL, response: Response): Promise<void> => {
  if (!API.test(url.pathname) || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) return;
  if (PARTS.some((part) => testFile().startsWith(part))) return;
  const { status, headers } = response;
  const body = READ.test(headers.get('content-type') ?? '') ? await response.clone().text() : undefined;
  const found = document.compare({ method, url: url.pathname, status, headers, body });
  if (found.operation !== null) seen.add(`${found.operation} ${String(found.status)}`);
  for (const difference of found.differences)
    differences.push(`${method} ${url.pathname} ${String(status)}: ${difference}`);
};

const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const response = await send(input, init);
  const request = input instanceof Request ? input : null;
  const url = new URL(input instanceof Request ? input.url : input);
  await look((init?.method ?? request?.method ?? 'GET').toUpperCase(), url, response);
  return response;
};

afterEach(() => {
  expect(differences.splice(0)).toStrictEqual([]);
});

afterAll(() => {
  if (seen.size === 0) return;
  mkdirSync(SEEN, { recursive: true });
  const profile = process.env['ROLLBOOK_PROFILE'] ?? 'small';
  writeFileSync(
    join(SEEN, `${profile}-${testFile().replaceAll('/', '_')}.txt`),
    `${[...seen].toSorted().join('\n')}\n`,
  );
});
