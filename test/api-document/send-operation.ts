import type { ApiDocument } from '../support/api-document.ts';
import type { ClientAnswer } from '../support/client.ts';

/** What is sent to one operation, as the document names its parts. */
export interface Sent {
  readonly token?: string;
  readonly params?: Readonly<Record<string, string>>;
  /** With its `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or the bytes of something else. */
  readonly body?: unknown;
  readonly type?: string;
}

/** An operation of the document, where it stands. */
export type Operation = ApiDocument['operations'][number];

const bodyOf = (body: unknown): string | Uint8Array | undefined => {
  if (body === undefined || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
};

/** Sends a request to an operation as the document says, and reads its answer; of an endless one the head. */
export const sendTo = async (
  url: string,
  { method, path }: Pick<Operation, 'method' | 'path'>,
  { token, params = {}, query = '', headers = {}, body, type = 'application/json' }: Sent,
): Promise<ClientAnswer> => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
  const giveUp = new AbortController();
  const response = await fetch(`${url}${filled}${query}`, {
    method: method.toUpperCase(),
    signal: giveUp.signal,
    headers: {
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: bodyOf(body) ?? '' }),
  });
  const sent = response.headers.get('content-type') ?? '';
  if (sent.startsWith('text/event-stream')) {
    giveUp.abort();
    return { status: response.status, headers: response.headers, body: null };
  }
  const text = await response.text();
  const read: unknown = sent.startsWith('application/json') ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: read };
};
