import { createServer, STATUS_CODES, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { reject } from '../contracts/rejections.ts';
import { toInstant, type Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { listen as listenOn, type Listening } from '../process/listen.ts';
import type { AfterWork } from './after-work.ts';
import { errorAnswer } from './error-body.ts';
import { newRequestId } from './request-id.ts';

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

/** What is no HTTP gets the envelope too, and its connection ends. */
const answerGarbage = (fault: NodeJS.ErrnoException, socket: Socket, options: ListenOptions): void => {
  if (fault.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const occasion = { requestId: newRequestId(options.random), timestamp: toInstant(options.clock.now()) };
  const { status, body } = errorAnswer(reject('invalid_input'), occasion);
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(text))}`,
    `X-Request-Id: ${occasion.requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
};

/**
 * Starts to listen. Throws StartError with a sentence when the address is taken, forbidden or not there. `close` stops
 * accepting, lets answers under way finish (at most `withinMs`), cuts what is left, and waits as long again for the
 * work after answers; it may be called again.
 */
export const listen = async ({ app, afterWork }: Served, options: ListenOptions): Promise<Listening> => {
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 }, app);
  server.on('clientError', (fault: NodeJS.ErrnoException, socket: Socket) => {
    answerGarbage(fault, socket, options);
  });
  const listening = await listenOn(server, options);
  const close = async (withinMs: number): Promise<void> => {
    // A connection that becomes idle after its last answer would be kept alive.
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, 20);
    await listening.close(withinMs);
    clearInterval(sweep);
    const limit = new AbortController();
    await Promise.race([afterWork?.settled(), options.clock.sleep(withinMs, limit.signal)]);
    limit.abort();
  };
  let closing: Promise<void> | undefined;
  return { ...listening, close: (withinMs = DRAIN_MS) => (closing ??= close(withinMs)) };
};
