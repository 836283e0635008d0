import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { toInstant, type Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { reject } from '../contracts/rejections.ts';
import type { AfterWork } from './after-work.ts';
import { errorAnswer } from './error-body.ts';
import { newRequestId } from './request-id.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest time that `close` waits for answers and the work after them, in milliseconds. Default 3,000. */
  readonly drainMs?: number;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** `http://host:port`, with brackets around IPv6. */
  readonly url: string;
  /** Stops accepting, lets answers under way and the work after them finish (bounded), then cuts what is left. Idempotent. */
  close(): Promise<void>;
}

/** A listener that left nothing behind may stand for an app. */
export interface Listener {
  readonly app: RequestListener;
  readonly afterWork?: AfterWork;
}

/** The address cannot be listened on; the message is a sentence for the person who started the service. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

const sentenceFor = (code: string | undefined, { host, port }: ListenOptions): string => {
  const at = `${host}:${String(port)}`;
  if (code === 'EADDRINUSE') return `Port ${String(port)} on ${host} is taken by another process; choose another PORT.`;
  if (code === 'EACCES') return `This user may not listen on ${at}; choose a PORT of 1024 or above.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `This machine has no address ${host}; check HOST.`;
  return `It is not possible to listen on ${at} (${code ?? 'unknown reason'}).`;
};

/** What is no HTTP gets the envelope too, and the connection ends. */
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

const closeServer = async (server: Server, afterWork: AfterWork | undefined, options: ListenOptions): Promise<void> => {
  const limit = new AbortController();
  const late = options.clock.sleep(options.drainMs ?? 3_000, limit.signal);
  const closed = new Promise<void>((resolve) => {
    server.close(() => { resolve(); });
  });
  // A connection that becomes idle after its last answer would be kept alive.
  const sweep = setInterval(() => { server.closeIdleConnections(); }, 20);
  await Promise.race([closed, late]);
  clearInterval(sweep);
  server.closeAllConnections();
  await closed;
  await Promise.race([afterWork?.settled(), late]);
  limit.abort();
};

/** Starts to listen. Rejects with `CannotListen` when the address is taken, forbidden or not there. */
export const listen = ({ app, afterWork }: Listener, options: ListenOptions): Promise<Listening> => {
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 }, app);
  server.on('clientError', (fault: NodeJS.ErrnoException, socket: Socket) => {
    answerGarbage(fault, socket, options);
  });
  return new Promise((resolve, rejectListen) => {
    const failed = (fault: NodeJS.ErrnoException): void => {
      rejectListen(new CannotListen(sentenceFor(fault.code, options), { cause: fault }));
    };
    server.once('error', failed);
    server.listen(options.port, options.host, () => {
      server.off('error', failed);
      const { port } = server.address() as AddressInfo;
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      let closing: Promise<void> | undefined;
      resolve({
        port,
        url: `http://${host}:${String(port)}`,
        close: () => (closing ??= closeServer(server, afterWork, options)),
      });
    });
  });
};
