import { createServer } from 'node:http';
import { listen, type Listening } from './listen.ts';

/** Resolves when the part answers; throws when it does not. */
export type ReadinessCheck = () => Promise<unknown>;

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  /** Each part that must answer before the service counts as ready, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly onFault?: (part: string, fault: unknown) => void;
}

/**
 * The HTTP side of a service that has no API of its own: `/health/live` (200 while the process serves) and
 * `/health/ready` (200 when all parts answer, else 503 with the names of those that do not).
 */
export async function startHealthServer(options: HealthOptions): Promise<Listening> {
  const partsNotReady = async (): Promise<string[]> => {
    const parts = await Promise.all(
      Object.entries(options.checks).map(async ([part, check]) => {
        try {
          await check();
          return null;
        } catch (fault) {
          options.onFault?.(part, fault);
          return part;
        }
      }),
    );
    return parts.filter((part) => part !== null);
  };
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body));
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, { status: 'method not allowed' });
    else if (request.url === '/health/live') answer(200, { status: 'live' });
    else if (request.url === '/health/ready')
      void partsNotReady().then((parts) => {
        if (parts.length === 0) answer(200, { status: 'ready' });
        else answer(503, { status: 'not ready', parts });
      });
    else answer(404, { status: 'not found' });
  });
  server.requestTimeout = 10_000;
  return await listen(server, options);
}
