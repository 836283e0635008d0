import type { IncomingMessage, ServerResponse } from 'node:http';

/** Of one connection only (RFC 9110, 7.6.1); `expect` was answered by this server already. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What proxies say of the client. Whoever sent it, it ends here. */
const FORWARDING = /^(?:x-forwarded-.*|forwarded|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|via)$/;

const namedByConnection = (message: IncomingMessage): ReadonlySet<string> =>
  new Set((message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));

export interface Forwarded {
  readonly requestId: string;
  readonly clientAddress: string | null;
  /** Host and port of the service. */
  readonly host: string;
  readonly withBody: boolean;
}

/** A request's headers for the service: one `X-Forwarded-For`, our request id, and nothing of the connection. */
export const requestHeaders = (request: IncomingMessage, to: Forwarded): Record<string, string | string[]> => {
  const named = namedByConnection(request);
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values === undefined || HOP_BY_HOP.has(name) || FORWARDING.test(name) || named.has(name)) continue;
    headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  headers['host'] = to.host;
  headers['x-request-id'] = to.requestId;
  if (to.clientAddress !== null) headers['x-forwarded-for'] = to.clientAddress;
  // The framing is said anew, never copied: a body without it would be read as the next request.
  delete headers['content-length'];
  const length = request.headers['content-length'];
  if (to.withBody && length !== undefined) headers['content-length'] = length;
  else if (to.withBody) headers['transfer-encoding'] = 'chunked';
  return headers;
};

/** Puts the service's status and headers on our answer. */
export const copyAnswerHead = (answer: IncomingMessage, response: ServerResponse): void => {
  const named = namedByConnection(answer);
  response.statusCode = answer.statusCode ?? 502;
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    if (values !== undefined && !HOP_BY_HOP.has(name) && !named.has(name)) response.setHeader(name, values);
  }
};
