import type { IncomingMessage } from 'node:http';
import { join, relative } from 'node:path';
import { expect } from '@jest/globals';
import { ApiDocument, type SeenAnswer } from './api-document.ts';
import { differences } from './differences.ts';

/** Tests of parts, which answer on these paths whatever suits the test. */
const PARTS = ['test/unit/', 'test/contracts/'];
const API = /^\/(?:(?:v1|api\/v1|health|\.well-known)\/|(?:openapi|asyncapi)\.json(?:$|\?)|schemas\/events\/)/;
const HERE = ['127.0.0.1', 'localhost', '[::1]'];
const READ = /^application\/json|^$/;

const root = join(import.meta.dirname, '../..');
const document = ApiDocument.committed();

/** What this test file saw answered, as `operation status` lines. */
export const seenHere = new Set<string>();

/** The path of the test file that runs, below the root. */
export const testFile = (): string => relative(root, expect.getState().testPath ?? '');

/** Whether an answer from there is one of a Rollbook. */
export const isOfRollbook = (hostname: string, path: string): boolean =>
  API.test(path) && HERE.includes(hostname) && !PARTS.some((part) => testFile().startsWith(part));

/** Whether the body of such an answer is compared; what is streamed is not. */
export const isCompared = (headers: Headers): boolean => READ.test(headers.get('content-type') ?? '');

/** Holds an answer of a Rollbook against openapi.json; a difference fails the test that runs (every-answer.ts). */
export const lookAtAnswer = (answer: SeenAnswer): void => {
  const found = document.compare(isCompared(answer.headers) ? answer : { ...answer, body: undefined });
  if (found.operation !== null) seenHere.add(`${found.operation} ${String(found.status)}`);
  for (const difference of found.differences)
    differences.push(`${answer.method} ${answer.url} ${String(answer.status)}: ${difference}`);
};

interface Asked {
  readonly method: string;
  readonly hostname: string;
  /** The path with its query, as it was sent. */
  readonly path: string;
}

/** The same of an answer that came over node:http; without a body only its head. */
export const lookAtIncoming = ({ method, hostname, path }: Asked, answer: IncomingMessage, body?: string): void => {
  if (!isOfRollbook(hostname, path)) return;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    for (const value of values) headers.append(name, value);
  lookAtAnswer({ method, url: path, status: answer.statusCode ?? 0, headers, body });
};
