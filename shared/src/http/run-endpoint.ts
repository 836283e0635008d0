import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { isRejection, reject, type Rejection } from '../contracts/rejections.ts';
import { sha256 } from '../kernel/digest.ts';
import type { Json } from '../kernel/json.ts';
import type { Sender } from '../request-limits/request-counter.ts';
import type { Answer, Endpoint, Refusal, RequestContext } from './endpoint.ts';
import { readJsonBody } from './json-body.ts';
import { lookAtToken, type BearerCheck } from './look-at-token.ts';
import { originOf, type TrustRule } from './origin.ts';
import type { Target } from './paths.ts';
import { readQuery } from './query-parameters.ts';
import { readRawBody } from './raw-body.ts';
import { wellFormedId } from './request-id.ts';
import { validate } from './validate.ts';

/** A request that reached its endpoint. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly target: Target;
  readonly params: Readonly<Record<string, string>>;
  readonly trust: TrustRule;
  /** Of the client, as it was when the request came: of a connection that is gone nobody knows it. */
  readonly address: string | null;
  /** Counts the request, once; a rejection when it is one too many. null: nobody is known to have sent it. */
  count(sender: Sender | null): Promise<Rejection | null>;
}

const header = (request: IncomingMessage, name: string): string | null => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
};

const isCommand = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

const readIdempotencyKey = (request: IncomingMessage): { readonly key: string | null } | Rejection => {
  const key = header(request, 'idempotency-key');
  if (key === null || !isCommand(request.method ?? '')) return { key: null };
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return { key };
  const message = 'must be 1 to 255 visible ASCII characters';
  return reject('invalid_input', { details: [{ field: 'Idempotency-Key', code: 'malformed', message }] });
};

const contextOf = (
  { permission }: Endpoint,
  arrival: Arrival,
  read: { readonly bearer: string | null; readonly key: string | null; readonly rawBody: Json },
): RequestContext => {
  const { request, requestId, target } = arrival;
  return {
    requestId,
    permission,
    correlationId: wellFormedId(header(request, 'x-correlation-id') ?? undefined) ?? requestId,
    origin: originOf(request, arrival.trust),
    method: request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'),
    url: `${target.path}${target.search}`,
    bearer: read.bearer,
    idempotencyKey: read.key,
    ifMatch: header(request, 'if-match'),
    ifNoneMatch: header(request, 'if-none-match'),
    consistencyToken: header(request, 'consistency-token'),
    lastEventId: header(request, 'last-event-id'),
    browserOrigin: header(request, 'origin'),
    cookies: header(request, 'cookie'),
    rawBody: read.rawBody,
  };
};

interface ReadBody {
  readonly value: unknown;
  readonly bytes: Buffer;
  readonly forCommandId: Json;
}

const NOTHING = Buffer.alloc(0);
const NO_BODY: ReadBody = { value: undefined, bytes: NOTHING, forCommandId: null };
/** Of a command that declares no body: no field of one is known. */
const NO_FIELDS = z.strictObject({}).optional();

const readDeclaredBody = async (
  { body, bytes: raw, alsoAccepts = [] }: Endpoint,
  request: IncomingMessage,
): Promise<ReadBody | Rejection | 'aborted'> => {
  if (raw !== undefined) {
    const bytes = await readRawBody(request, raw);
    if (bytes === 'aborted' || isRejection(bytes)) return bytes;
    return { value: undefined, bytes, forCommandId: { sha256: sha256(bytes).toString('hex') } };
  }
  // On GET and HEAD a body means nothing.
  if (body === undefined && !isCommand(request.method ?? '')) return NO_BODY;
  const read = await readJsonBody(request, ['application/json', ...alsoAccepts]);
  if (read === 'aborted' || isRejection(read)) return read;
  const valid = validate(body ?? NO_FIELDS, read.value, 'body');
  if (isRejection(valid)) return valid;
  return body === undefined ? NO_BODY : { value: valid.value, bytes: NOTHING, forCommandId: read.value ?? null };
};

interface Head {
  readonly params: unknown;
  readonly query: unknown;
  readonly key: string | null;
}

const readHead = (endpoint: Endpoint, { request, params: sent, target }: Arrival): Head | Rejection => {
  const params = endpoint.params === undefined ? { value: undefined } : validate(endpoint.params, sent, 'path');
  if (isRejection(params)) return params;
  const query = readQuery(endpoint.query, target.search);
  if (isRejection(query)) return query;
  const idempotency = readIdempotencyKey(request);
  return isRejection(idempotency) ? idempotency : { params: params.value, query: query.value, key: idempotency.key };
};

type Input = Parameters<Endpoint['handle']>[0];

const readInput = async (
  endpoint: Endpoint,
  arrival: Arrival,
  { params, query, key, bearer }: Head & { readonly bearer: string | null },
): Promise<{ readonly input: Input; readonly context: RequestContext } | Rejection | 'aborted'> => {
  const body = await readDeclaredBody(endpoint, arrival.request);
  if (body === 'aborted' || isRejection(body)) return body;
  const { value, bytes, forCommandId: rawBody } = body;
  const context = contextOf(endpoint, arrival, { bearer, key, rawBody });
  return { input: { params, query, body: value, bytes }, context };
};

/**
 * Reads what the endpoint declares (token, path, query, body, in this order), refuses what does not fit, and calls it.
 * The request is counted as soon as it is known to whom. 'aborted' when the caller went away before the body was whole.
 * Throws what the handler throws.
 */
export const runEndpoint = async (
  endpoint: Endpoint,
  arrival: Arrival,
  check: BearerCheck | undefined,
): Promise<Answer | Rejection | Refusal | 'aborted'> => {
  const { bearer, sender, refused, fault } = await lookAtToken(endpoint.token, arrival, check);
  const over = endpoint.countsTo ? null : await arrival.count(sender);
  if (over) return over;
  if (fault) throw fault.cause;
  if (refused) return refused;
  const head = readHead(endpoint, arrival);
  const place = isRejection(head) ? undefined : endpoint.bytes?.admit(bearer);
  if (place !== undefined && isRejection(place)) return place;
  try {
    const read = isRejection(head) ? head : await readInput(endpoint, arrival, { ...head, bearer });
    if (read === 'aborted') {
      // Whoever never sends the whole body does not ask for nothing.
      if (endpoint.countsTo) await arrival.count(null);
      return read;
    }
    if (endpoint.countsTo) {
      const tooMany = await arrival.count(isRejection(read) ? null : endpoint.countsTo(read.input, read.context));
      if (tooMany) return tooMany;
    }
    return isRejection(read) ? read : await endpoint.handle(read.input, read.context);
  } finally {
    place?.release();
  }
};
