import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { pinoHttp, type HttpLogger } from 'pino-http';
import { targetOf } from './paths.ts';

/**
 * One line for each answer: id, method, path, status, time. Nothing else of the request is ever logged: queries carry
 * link tokens and people's names, headers carry tokens, and the address is a person's.
 */
export const requestLog = (log: Logger, idOf: (request: IncomingMessage) => string): HttpLogger =>
  pinoHttp({
    logger: log,
    genReqId: idOf,
    wrapSerializers: false,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'request_id', responseTime: 'ms' },
    serializers: {
      req: (request: IncomingMessage) => ({
        method: request.method,
        path: targetOf(request.url ?? '').path.slice(0, 200),
      }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
      err: () => undefined,
    },
    // "Not ready" is the answer to a question, and no fault of it.
    customLogLevel: (request, response, fault) =>
      request.url !== '/health/ready' && (fault !== undefined || response.statusCode >= 500) ? 'error' : 'info',
  });
