import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { isRejection, reject, type Rejection } from '../contracts/rejections.ts';
import { sha256 } from '../kernel/digest.ts';
import type { Json } from '../kernel/json.ts';
import { looseBearer, readBearer } from './bearer.ts';
import type { Answer, Endpoint, Refusal, RequestContext } from './endpoint.ts';
import { readJsonBody } from './json-body.ts';
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
}

/**
 * A look at a token before the rest of the request is read, so that a caller without a valid one learns nothing but
 * that. It may be the whole authority or only the signature; the handler asks the authority in any case.
 */
export type BearerCheck = (bearer: string) => Promise<Rejection | null> | Rejection | null;

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

const readToken = async (
  endpoint: Endpoint,
  request: IncomingMessage,
  check: BearerCheck | undefined,
): Promise<{ readonly bearer: string | null } | Rejection> => {
  const read = readBearer(request.headers.authorization, endpoint.token);
  if (isRejection(read)) return read;
  if (read.bearer === null) return { bearer: looseBearer(request.headers.authorization) };
  return (await check?.(read.bearer)) ?? read;
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

/**
 * Reads what the endpoint declares (token, path, query, body, in this order), refuses what does not fit, and calls it.
 * 'aborted' when the caller went away before the body was whole. Throws what the handler throws.
 */
export const runEndpoint = async (
  endpoint: Endpoint,
  arrival: Arrival,
  check: BearerCheck | undefined,
): Promise<Answer | Rejection | Refusal | 'aborted'> => {
  const token = await readToken(endpoint, arrival.request, check);
  if (isRejection(token)) return token;
  const params =
    endpoint.params === undefined ? { value: undefined } : validate(endpoint.params, arrival.params, 'path');
  if (isRejection(params)) return params;
  const query = readQuery(endpoint.query, arrival.target.search);
  if (isRejection(query)) return query;
  const idempotency = readIdempotencyKey(arrival.request);
  if (isRejection(idempotency)) return idempotency;
  const place = endpoint.bytes?.admit(token.bearer);
  if (place !== undefined && isRejection(place)) return place;
  try {
    const body = await readDeclaredBody(endpoint, arrival.request);
    if (body === 'aborted' || isRejection(body)) return body;
    const { value, bytes, forCommandId: rawBody } = body;
    const context = contextOf(endpoint, arrival, { bearer: token.bearer, key: idempotency.key, rawBody });
    const input = { params: params.value, query: query.value, body: value, bytes } as Parameters<Endpoint['handle']>[0];
    return await endpoint.handle(input, context);
  } finally {
    place?.release();
  }
};
