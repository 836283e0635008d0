import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from '@jest/globals';
import { SEEN } from './answer-coverage.ts';
import { differences } from './differences.ts';
import { isCompared, isOfRollbook, lookAtAnswer, seenHere, testFile } from './look-at-answer.ts';

// Runs beside every test file: each answer that a test gets from a Rollbook (by fetch here; `probe` and the client of the
// stream look themselves) is held against openapi.json, and a difference fails the test. Which answers were seen is
// written down for `test/answers.ts`.

const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const response = await send(input, init);
  const request = input instanceof Request ? input : null;
  const url = new URL(input instanceof Request ? input.url : input);
  if (!isOfRollbook(url.hostname, url.pathname)) return response;
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  const { status, headers } = response;
  const body = isCompared(headers) ? await response.clone().text() : undefined;
  lookAtAnswer({ method, url: url.pathname, status, headers, body });
  return response;
};

afterEach(() => {
  expect(differences.splice(0)).toStrictEqual([]);
});

afterAll(() => {
  if (seenHere.size === 0) return;
  mkdirSync(SEEN, { recursive: true });
  const profile = process.env['ROLLBOOK_PROFILE'] ?? 'small';
  writeFileSync(
    join(SEEN, `${profile}-${testFile().replaceAll('/', '_')}.txt`),
    `${[...seenHere].toSorted().join('\n')}\n`,
  );
});
