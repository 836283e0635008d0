import express, { type Express } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isRejection, reject, type Rejection } from '../contracts/rejections.ts';
import { OutcomeUnknown, StoreUnavailable } from '../event-log/errors.ts';
import { toInstant, type Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { RequestCounter, Sender } from '../request-limits/request-counter.ts';
import { trackAfterWork, type AfterWork } from './after-work.ts';
import { countRequest } from './count-request.ts';
import { preflightHeaders, setCorsHeaders } from './cors.ts';
import { noticesOf } from './deprecation.ts';
import type { Endpoint } from './endpoint.ts';
import { PartDown, readiness, type HealthChecks } from './health.ts';
import { lookAtToken, type BearerCheck } from './look-at-token.ts';
import { clientAddress, trustRule } from './origin.ts';
import { placeOf, targetOf, type Place, type Target } from './paths.ts';
import { requestIds } from './request-id.ts';
import { requestLog } from './request-log.ts';
import { runEndpoint } from './run-endpoint.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { sendAnswer, sendPage, sendRejection, type PageAnswer } from './send.ts';
import { sendStream } from './send-stream.ts';

/** A page or a static file outside `/v1`, read by GET. */
export interface OpenRoute {
  readonly path: string;
  answer(): Promise<PageAnswer> | PageAnswer;
}

export interface AppOptions {
  readonly endpoints: readonly Endpoint[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly extraRoutes?: readonly OpenRoute[];
  readonly health: HealthChecks;
  /** `TRUST_PROXY`. */
  readonly trustProxy?: number | readonly string[] | undefined;
  readonly checkBearer?: BearerCheck;
  /** Without it no request is counted. */
  readonly requestCounter?: RequestCounter | undefined;
  /** `CORS_ORIGINS`: whose pages may ask from their browsers. */
  readonly corsOrigins?: ReadonlySet<string> | undefined;
}

const NO_ORIGINS: ReadonlySet<string> = new Set();
const NO_NOTICE = new Map<string, string>();

/** An app and the work that its answers left behind; `listen` takes both. */
export interface HttpApp {
  readonly app: Express;
  readonly afterWork: AfterWork;
}

const rejectionOfFault = (fault: unknown): Rejection => {
  if (fault instanceof OutcomeUnknown) return reject('outcome_unknown');
  return reject(fault instanceof StoreUnavailable ? 'unavailable' : 'internal');
};

/**
 * One HTTP service out of its endpoints: every rule of api.md under "Every answer" that does not depend on what an
 * endpoint does. Faults are logged with the request id and answered without a word about their cause.
 */
export const buildApp = (options: AppOptions): HttpApp => {
  const { clock, log, corsOrigins = NO_ORIGINS } = options;
  const endpoints = new Map(options.endpoints.map((endpoint) => [endpoint.operation, endpoint]));
  const notices = noticesOf(options.endpoints);
  const routes = new Map((options.extraRoutes ?? []).map((route) => [route.path, route]));
  const trust = trustRule(options.trustProxy);
  const afterWork = trackAfterWork(log);
  const idOf = requestIds(options.random);
  const refuse = (request: IncomingMessage, response: ServerResponse, rejection: Rejection): void => {
    sendRejection(response, rejection, { requestId: idOf(request), timestamp: toInstant(clock.now()) });
  };

  const count = (response: ServerResponse, sender: Sender | null, address: string | null) =>
    countRequest(options.requestCounter, { sender, address }, response, clock);
  /** Refuses what no endpoint answers. Below `/v1` it counts like everything else. */
  const refuseUnserved = async (
    request: IncomingMessage,
    response: ServerResponse,
    rejection: Rejection,
    isApi: boolean,
  ): Promise<void> => {
    if (!isApi || request.method === 'OPTIONS') {
      refuse(request, response, rejection);
      return;
    }
    const address = clientAddress(request, trust);
    const { sender } = await lookAtToken('optional', { request, address }, options.checkBearer);
    refuse(request, response, (await count(response, sender, address)) ?? rejection);
  };

  const noteDown = (part: string, fault: unknown): void => {
    // What says itself why it is not there yet tells of its faults itself.
    if (fault instanceof PartDown) log.info({ part, why: fault.message }, 'a part is not ready');
    else log.warn({ part, err: fault }, 'a part does not answer');
  };

  const answerOpen = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const route = routes.get(path);
    if (route !== undefined) {
      sendPage(response, await route.answer());
      return;
    }
    if (path !== '/health/live' && path !== '/health/ready') {
      refuse(request, response, reject('not_found'));
      return;
    }
    const body = path === '/health/live' ? { status: 'live' } : await readiness(options.health, clock, noteDown);
    if (isRejection(body)) refuse(request, response, body);
    else sendAnswer(response, { status: 200, body }, { method: 'GET', ifNoneMatch: null });
  };

  const answerEndpoint = async (
    request: IncomingMessage,
    response: ServerResponse,
    at: { readonly endpoint: Endpoint; readonly target: Target; readonly place: Place },
  ): Promise<void> => {
    const requestId = idOf(request);
    const { target, place } = at;
    response.setHeaders(notices.get(at.endpoint.operation) ?? NO_NOTICE);
    const address = clientAddress(request, trust);
    const arrival = {
      ...{ request, requestId, target, params: place.params, trust, address },
      count: (sender: Sender | null) => count(response, sender, address),
    };
    const result = await runEndpoint(at.endpoint, arrival, options.checkBearer);
    if (result === 'aborted') return;
    const after = 'after' in result ? result.after : undefined;
    if (after !== undefined) {
      const start = (): void => {
        afterWork.run(requestId, after);
      };
      // Who went away meanwhile gets no answer; but what the handler has taken for the work must be given back by it.
      if (response.closed) start();
      else response.once('close', start);
    }
    if (isRejection(result)) {
      refuse(request, response, result);
      return;
    }
    const method = request.method ?? 'GET';
    if (result.stream !== undefined) {
      const end = await sendStream(response, { ...result, stream: result.stream }, { method, clock });
      if (end === 'slow') log.warn({ request_id: requestId }, 'a reader that took nothing any more was dropped');
      if (typeof end === 'object') refuse(request, response, end);
      return;
    }
    sendAnswer(response, result, { method, ifNoneMatch: request.headers['if-none-match'] ?? null });
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = targetOf(request.url ?? '/');
    const place = placeOf(target.path, [...routes.keys()]);
    if (place === null) {
      await refuseUnserved(request, response, reject('not_found'), target.isApi);
      return;
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    if (method === 'OPTIONS') {
      const headers = { Allow: place.allow, ...preflightHeaders(request, place.allow, corsOrigins) };
      sendAnswer(response, { status: 204, headers }, { method, ifNoneMatch: null });
      return;
    }
    if (place.operations.size === 0 && method === 'GET') {
      await answerOpen(request, response, target.path);
      return;
    }
    const operation = place.operations.get(method);
    const endpoint = operation === undefined ? undefined : endpoints.get(operation);
    if (endpoint === undefined) {
      response.setHeader('Allow', place.allow);
      await refuseUnserved(request, response, reject('method_not_allowed'), target.isApi);
      return;
    }
    await answerEndpoint(request, response, { endpoint, target, place });
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(requestLog(log, idOf));
  app.use(async (request, response) => {
    response.setHeader('X-Request-Id', idOf(request));
    response.setHeader('Cache-Control', 'no-store');
    setSecurityHeaders(response);
    setCorsHeaders(request, response, corsOrigins);
    try {
      await afterWork.hold(route(request, response));
    } catch (fault) {
      log.error({ request_id: idOf(request), err: fault }, 'a request failed');
      if (response.headersSent) response.destroy();
      else refuse(request, response, rejectionOfFault(fault));
    }
  });
  return { app, afterWork };
};
