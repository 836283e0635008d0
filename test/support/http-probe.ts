import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { lookAtIncoming } from './look-at-answer.ts';

export interface Probe {
  readonly method?: string;
  /** Sent byte for byte: nothing is normalised. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; null when there is none. */
  readonly json: unknown;
}

/** One request on a connection of its own. */
export const probe = (origin: string, { method = 'GET', path, headers = {}, body }: Probe): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const isChunked = 'Transfer-Encoding' in headers;
    const length = body === undefined || isChunked ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const host = hostname.replace(/^\[|\]$/g, '');
    const sent = httpRequest(
      { host, port, method, path, headers: { ...length, ...headers }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = (answer.headers['content-type'] ?? '').includes('json') && text !== '';
          const json: unknown = isJson ? JSON.parse(text) : null;
          lookAtIncoming({ method, hostname, path }, answer, text);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

/** A JSON body with its content type. */
export const json = (value: unknown): { headers: OutgoingHttpHeaders; body: string } => ({
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});

/** The details of an error envelope as `field: code`. */
export const detailsOf = (seen: Seen): readonly string[] =>
  (seen.json as { error: { details: { field: string; code: string }[] } }).error.details.map(
    ({ field, code }) => `${field}: ${code}`,
  );

export const codeOf = (seen: Seen): string => (seen.json as { error: { code: string } }).error.code;
