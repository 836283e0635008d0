import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { preflightHeaders, setCorsHeaders } from '@rollbook/shared/http/cors';
import { readiness, type HealthChecks } from '@rollbook/shared/http/health';
import { clientAddress, trustRule } from '@rollbook/shared/http/origin';
import { isExactPath, placeOf, targetOf } from '@rollbook/shared/http/paths';
import { newRequestId, wellFormedId } from '@rollbook/shared/http/request-id';
import { requestLog } from '@rollbook/shared/http/request-log';
import { setSecurityHeaders } from '@rollbook/shared/http/security-headers';
import { sendAnswer, sendRejection } from '@rollbook/shared/http/send';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { forward, keptConnections } from './forward.ts';

export interface GatewayParts {
  readonly commandApi: URL;
  readonly queryApi: URL;
  readonly health: HealthChecks;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly trustProxy?: number | readonly string[] | undefined;
  /** Whose pages may read the answers that are the gateway's own. */
  readonly corsOrigins?: ReadonlySet<string> | undefined;
  /** Answers `/dev/inbox*` in this process. It sees the request as it came, forwarding headers included. */
  readonly devInbox?: RequestListener | undefined;
}

/** The one origin. `close` ends the kept connections to the services; call it after the server's own. */
export interface Gateway {
  readonly app: RequestListener;
  close(): void;
}

const isInbox = (path: string): boolean => /^\/dev\/inbox(?:[./].*)?$/.test(path);

/**
 * Routes by method alone: GET and HEAD to query-api, every other to command-api. It knows no route but `/health/*` and
 * `/dev/inbox*`, and no person; it says who the client is, and what a path may look like.
 */
export const buildGateway = (parts: GatewayParts): Gateway => {
  const trust = trustRule(parts.trustProxy);
  const corsOrigins = parts.corsOrigins ?? new Set<string>();
  const agent = keptConnections();
  const ids = new WeakMap<IncomingMessage, string>();
  const idOf = (request: IncomingMessage): string => {
    const sent = request.headers['x-request-id'];
    const id =
      ids.get(request) ?? wellFormedId(typeof sent === 'string' ? sent : undefined) ?? newRequestId(parts.random);
    ids.set(request, id);
    return id;
  };
  const logRequest = requestLog(parts.log, idOf);

  /** The headers of an answer that is the gateway's own; a service sets those of its answers itself. */
  const prepareOwn = (request: IncomingMessage, response: ServerResponse): void => {
    setSecurityHeaders(response);
    setCorsHeaders(request, response, corsOrigins);
    response.setHeader('X-Request-Id', idOf(request));
    response.setHeader('Cache-Control', 'no-store');
  };
  const refuse = (request: IncomingMessage, response: ServerResponse, rejection: Rejection): void => {
    prepareOwn(request, response);
    sendRejection(response, rejection, { requestId: idOf(request), timestamp: toInstant(parts.clock.now()) });
  };

  const noteDown = (part: string, fault: unknown): void => {
    parts.log.warn({ part, err: fault }, 'a part does not answer');
  };

  const answerHealth = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const method = request.method ?? 'GET';
    const place = placeOf(path);
    if (place === null) {
      refuse(request, response, reject('not_found'));
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', place.allow);
      if (method !== 'OPTIONS') refuse(request, response, reject('method_not_allowed'));
      else {
        prepareOwn(request, response);
        const headers = preflightHeaders(request, place.allow, corsOrigins);
        sendAnswer(response, { status: 204, headers }, { method, ifNoneMatch: null });
      }
      return;
    }
    const body = path === '/health/live' ? { status: 'live' } : await readiness(parts.health, parts.clock, noteDown);
    if (isRejection(body)) refuse(request, response, body);
    else {
      prepareOwn(request, response);
      sendAnswer(response, { status: 200, body }, { method, ifNoneMatch: null });
    }
  };

  const app: RequestListener = (request, response) => {
    logRequest(request, response);
    const { path } = targetOf(request.url ?? '/');
    const refuseThis = (rejection: Rejection): void => {
      refuse(request, response, rejection);
    };
    if (!isExactPath(path)) refuseThis(reject('not_found'));
    else if (isInbox(path)) {
      if (parts.devInbox) parts.devInbox(request, response);
      else refuseThis(reject('not_found'));
    } else if (path.startsWith('/health/')) void answerHealth(request, response, path);
    else {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      forward(request, response, {
        agent,
        target: isRead ? parts.queryApi : parts.commandApi,
        requestId: idOf(request),
        clientAddress: clientAddress(request, trust),
        refuse: refuseThis,
      });
    }
  };
  return {
    app,
    close: () => {
      agent.destroy();
    },
  };
};
