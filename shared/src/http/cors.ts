import type { IncomingMessage, ServerResponse } from 'node:http';
import { ANSWER_HEADERS } from '../contracts/answer-headers.ts';

/** What a page of a listed origin may read of an answer, beside what every page may. */
const EXPOSED = ['Allow', ...Object.keys(ANSWER_HEADERS)]
  // No page may ever read that one.
  .filter((name) => name !== 'Set-Cookie')
  .toSorted((a, b) => (a < b ? -1 : 1))
  .join(', ');

/** What it may send. */
const ACCEPTED = [
  'Authorization',
  'Consistency-Token',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'X-Correlation-Id',
  'X-Request-Id',
].join(', ');

/** Seconds for which a browser may remember the answer to a preflight. */
const REMEMBERED = '600';

/**
 * Says to a browser that a page of one of these origins may read this answer, and send cookies (CORS, Fetch standard).
 * To any other origin nothing is said, so its pages read nothing. Without listed origins there are no such headers.
 */
export const setCorsHeaders = (
  request: IncomingMessage,
  response: ServerResponse,
  origins: ReadonlySet<string>,
): void => {
  if (origins.size === 0) return;
  // Also without an Origin: whoever stores this answer must not give it to a page that has one.
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.has(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Access-Control-Expose-Headers', EXPOSED);
};

/** The answer to a browser's question before a request (preflight), for a place with these methods; else nothing. */
export const preflightHeaders = (
  request: IncomingMessage,
  allow: string,
  origins: ReadonlySet<string>,
): Readonly<Record<string, string>> => {
  const { origin } = request.headers;
  const asks = request.headers['access-control-request-method'] !== undefined;
  if (!asks || origin === undefined || !origins.has(origin)) return {};
  return {
    'Access-Control-Allow-Methods': allow,
    'Access-Control-Allow-Headers': ACCEPTED,
    'Access-Control-Max-Age': REMEMBERED,
  };
};
