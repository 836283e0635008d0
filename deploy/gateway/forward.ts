import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { hasBody } from '@rollbook/shared/http/read-body';
import { PATIENCE } from '@rollbook/shared/http/send-stream';
import { copyAnswerHead, requestHeaders } from './headers.ts';

/** Milliseconds until a service must have taken the connection. */
const CONNECT_MS = 2_000;
/** Milliseconds until it must have begun to answer: a read, and a command that may wait in a full hashing queue. */
const READ_MS = 30_000;
const COMMAND_MS = 120_000;

export interface ForwardOptions {
  readonly agent: Agent;
  readonly target: URL;
  readonly requestId: string;
  readonly clientAddress: string | null;
  /** Answers in the service's place. */
  refuse(rejection: Rejection): void;
}

export const keptConnections = (): Agent => new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64 });

/** Cuts a connection that is not made in time. A kept one is made already. */
const limitConnecting = (sent: ClientRequest): void => {
  sent.once('socket', (socket) => {
    if (!socket.connecting) return;
    const limit = setTimeout(() => socket.destroy(new Error('The service does not take connections')), CONNECT_MS);
    const stop = (): void => {
      clearTimeout(limit);
    };
    socket.once('connect', stop).once('close', stop);
  });
};

/**
 * The pipeline pauses the answer while the client leaves what was sent untouched. The service gives such a reader up after
 * a while; a connection that is kept here beyond that would hold its memory for nobody, and is counted nowhere.
 */
const dropWhoTakesNothing = (answer: IncomingMessage, response: ServerResponse): void => {
  let limit: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(limit);
  answer.on('pause', () => {
    stop();
    if (!answer.destroyed) limit = setTimeout(() => response.destroy(), PATIENCE);
  });
  answer.on('resume', stop).once('close', stop);
};

/**
 * Hands a request to a service and its answer back; both bodies flow as they come. A service that is away or silent
 * is 503; once its answer has begun, a break of either side is passed on as a break.
 */
export const forward = (request: IncomingMessage, response: ServerResponse, options: ForwardOptions): void => {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // A body means nothing on GET and HEAD; it is read and dropped.
  const withBody = !isRead && hasBody(request);
  send({ request, response, options, isRead, withBody, mayRetry: isRead });
};

interface Sending {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: ForwardOptions;
  readonly isRead: boolean;
  readonly withBody: boolean;
  readonly mayRetry: boolean;
}

const send = (sending: Sending): void => {
  const { request, response, options, isRead, withBody } = sending;
  const { target, agent, requestId, clientAddress } = options;
  const sent = httpRequest({
    agent,
    host: target.hostname.replace(/^\[|\]$/g, ''),
    port: target.port === '' ? 80 : Number(target.port),
    method: request.method,
    // As it came: nothing between here and the service may read it in another way.
    path: request.url,
    headers: requestHeaders(request, { requestId, clientAddress, host: target.host, withBody }),
  });
  limitConnecting(sent);
  let reached = false;
  sent.once('socket', (socket) => {
    if (!socket.connecting) reached = true;
    else socket.once('connect', () => (reached = true));
  });
  const limit = setTimeout(() => sent.destroy(new Error('The service is silent')), isRead ? READ_MS : COMMAND_MS);

  const clientGone = (): void => {
    if (!response.writableFinished) sent.destroy();
  };
  response.once('close', clientGone);
  sent.once('close', () => {
    clearTimeout(limit);
  });
  sent.once('response', (answer) => {
    clearTimeout(limit);
    copyAnswerHead(answer, response);
    response.flushHeaders();
    // A service may answer before it has read the whole body (413). From then on node no longer asks for more of it: what
    // the client still sends is read and dropped, or its connection would stand still.
    answer.once('end', () => {
      if (sent.writableFinished) return;
      request.unpipe(sent);
      request.resume();
      sent.destroy();
    });
    // A break of either side ends the other, so that a cut answer never looks whole.
    pipeline(answer, response, () => undefined);
    dropWhoTakesNothing(answer, response);
  });
  sent.on('error', () => {
    clearTimeout(limit);
    request.unpipe(sent);
    request.resume();
    if (response.headersSent || response.destroyed) return;
    response.off('close', clientGone);
    // The service may have closed a kept connection just as the request went out; reading twice does no harm.
    if (sending.mayRetry && sent.reusedSocket) send({ ...sending, mayRetry: false });
    else options.refuse(reject(isRead || !reached ? 'unavailable' : 'outcome_unknown'));
  });
  if (withBody) request.pipe(sent);
  else {
    request.resume();
    sent.end();
  }
};
