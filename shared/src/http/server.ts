import { createServer, STATUS_CODES, type RequestListener, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DetailCode } from '../contracts/detail-codes.ts';
import { reject, type Rejection } from '../contracts/rejections.ts';
import { toInstant, type Clock } from '../kernel/clock.ts';
import { waitAtMost } from '../kernel/in-time.ts';
import type { Random } from '../kernel/random.ts';
import { listen as listenOn, type Listening } from '../process/listen.ts';
import type { AfterWork } from './after-work.ts';
import { errorAnswer } from './error-body.ts';
import { newRequestId } from './request-id.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { sendRejection } from './send.ts';

export type { Listening };

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** An `HttpApp`, or a plain listener whose answers leave no work behind. */
export interface Served {
  readonly app: RequestListener;
  readonly afterWork?: AfterWork;
}

/** Longest time that `close` waits for answers, and again for the work after them, in milliseconds. */
const DRAIN_MS = 2_000;

const occasionOf = (options: ListenOptions) => ({
  requestId: newRequestId(options.random),
  timestamp: toInstant(options.clock.now()),
});

/** What is no HTTP, or asks for what is not HTTP any more (CONNECT), gets the envelope too, and its connection ends. */
const answerRaw = (rejection: Rejection, socket: Duplex, options: ListenOptions): void => {
  const occasion = occasionOf(options);
  const { status, body } = errorAnswer(rejection, occasion);
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(text))}`,
    `X-Request-Id: ${occasion.requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  // Nobody else looks at the socket any more, and its faults concern nobody.
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
};

/** Refuses a header before any route is looked for: node itself would answer without the envelope. */
const refuseHeader = (field: string, code: DetailCode, response: ServerResponse, options: ListenOptions): void => {
  const occasion = occasionOf(options);
  setSecurityHeaders(response);
  response.setHeader('X-Request-Id', occasion.requestId);
  response.setHeader('Cache-Control', 'no-store');
  response.shouldKeepAlive = false;
  const message = code === 'required' ? 'is required' : 'is not supported';
  sendRejection(response, reject('invalid_input', { details: [{ field, code, message }] }), occasion);
};

/** Server-sent events have no end of their own, here or in a gateway: each reader comes again, where it is let in. */
const isEndless = (response: ServerResponse): boolean =>
  response.headersSent && String(response.getHeader('Content-Type')).startsWith('text/event-stream');

/**
 * Starts to listen. Throws StartError with a sentence when the address is taken, forbidden or not there. `close` stops
 * accepting, ends server-sent events, lets answers under way finish (at most `withinMs`), cuts what is left, and waits as
 * long again for handlers whose caller has gone and for the work after answers; it may be called again.
 */
export const listen = async ({ app, afterWork }: Served, options: ListenOptions): Promise<Listening> => {
  const underWay = new Set<ServerResponse>();
  let closing: Promise<void> | undefined;
  const limits = { requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000, requireHostHeader: false };
  const server = createServer(limits, (request, response) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (closing !== undefined) response.shouldKeepAlive = false;
    // RFC 9112, 3.2.
    if (request.headers.host === undefined && request.httpVersion !== '1.0')
      refuseHeader('Host', 'required', response, options);
    else app(request, response);
  });
  server.on('checkExpectation', (_request, response) => {
    refuseHeader('Expect', 'unsupported', response, options);
  });
  server.on('connect', (_request, socket) => {
    answerRaw(reject('not_found'), socket, options);
  });
  server.on('clientError', (fault: NodeJS.ErrnoException, socket) => {
    if (fault.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else answerRaw(reject('invalid_input'), socket, options);
  });
  const listening = await listenOn(server, options);
  const close = async (withinMs: number): Promise<void> => {
    // Each connection ends with the answer that is under way on it, or a busy caller's would never become idle.
    for (const response of underWay) if (!response.headersSent) response.shouldKeepAlive = false;
    const sweep = setInterval(() => {
      for (const response of underWay) if (isEndless(response)) response.end();
      // One whose answer had begun becomes idle instead.
      server.closeIdleConnections();
    }, 20);
    await listening.close(withinMs);
    clearInterval(sweep);
    if (afterWork) await waitAtMost(options.clock, withinMs, afterWork.settled());
  };
  return { ...listening, close: (withinMs = DRAIN_MS) => (closing ??= close(withinMs)) };
};
