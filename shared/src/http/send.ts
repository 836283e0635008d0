import type { ServerResponse } from 'node:http';
import type { Rejection } from '../contracts/rejections.ts';
import { errorAnswer, type Occasion } from './error-body.ts';
import type { Answer, Refusal } from './endpoint.ts';
import { matchesIfNoneMatch } from './etag.ts';

/** Bytes of some other type than JSON, for pages and static files. */
export interface PageAnswer {
  readonly status: number;
  /** `text/html; charset=utf-8`, … */
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const finish = (response: ServerResponse, status: number, type: string | null, body: string | Buffer): void => {
  response.statusCode = status;
  if (type === null) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  // To HEAD, node sends the headers alone.
  response.end(body);
};

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends an answer; 304 in its place when a GET or HEAD names its ETag in `If-None-Match`. */
export const sendAnswer = (
  response: ServerResponse,
  answer: Answer,
  request: { readonly method: string; readonly ifNoneMatch: string | null },
): void => {
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  const etag = answer.headers?.['ETag'];
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && answer.status === 200 && etag !== undefined && matchesIfNoneMatch(request.ifNoneMatch, etag)) {
    finish(response, 304, null, '');
  } else if (answer.bytes !== undefined) finish(response, answer.status, answer.bytes.type, answer.bytes.content);
  else if (answer.body === undefined) finish(response, answer.status, null, '');
  else finish(response, answer.status, JSON_TYPE, JSON.stringify(answer.body));
};

export const sendPage = (response: ServerResponse, page: PageAnswer): void => {
  for (const [name, value] of Object.entries(page.headers ?? {})) response.setHeader(name, value);
  finish(response, page.status, page.type, page.body);
};

/** Sends the envelope of a rejection. */
export const sendRejection = (response: ServerResponse, rejection: Rejection | Refusal, occasion: Occasion): void => {
  const { status, headers, body } = errorAnswer(rejection, occasion);
  const more = 'headers' in rejection ? rejection.headers : undefined;
  for (const [name, value] of Object.entries({ ...more, ...headers })) response.setHeader(name, value);
  finish(response, status, JSON_TYPE, JSON.stringify(body));
};
