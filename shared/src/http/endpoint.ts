import type { z } from 'zod';
import type { Access } from '../contracts/access.ts';
import type { AnswerHeader } from '../contracts/answer-headers.ts';
import type { Tag } from '../contracts/tags.ts';
import type { OperationId } from '../contracts/operations.ts';
import type { ErrorCode, Rejection } from '../contracts/rejections.ts';
import type { Origin } from '../event-log/event.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import type { Sender } from '../request-limits/request-counter.ts';
import type { Place } from './admission.ts';
import type { Deprecated } from './deprecation.ts';
import type { StreamedBody } from './send-stream.ts';

/**
 * How a route treats the `Authorization` header.
 * - `ignored`: never looked at (the `/auth/*` routes that need no token)
 * - `optional`: absent is fine, but a header that does not verify is 401
 * - `required`: absent is 401
 */
export type TokenUse = 'ignored' | 'optional' | 'required';

/** What a request carries besides its input; the same for every route. */
export interface RequestContext {
  readonly requestId: string;
  /** What the endpoint that was called declares. */
  readonly permission: Access;
  /** `X-Correlation-Id` when well-formed, else the request id. */
  readonly correlationId: string;
  readonly origin: Origin;
  readonly method: string;
  /** The path with its query, as sent but for the alias `/api/v1`, which reads `/v1`. */
  readonly url: string;
  /** The bearer token as sent, or null. Not verified yet: the handler's authority does that. */
  readonly bearer: string | null;
  readonly idempotencyKey: string | null;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly consistencyToken: string | null;
  /** `Last-Event-ID`: where a reader of server-sent events goes on. */
  readonly lastEventId: string | null;
  /** `Origin`: the page that asks, as its browser says. Not to be confused with `origin`. */
  readonly browserOrigin: string | null;
  /** `Cookie` as sent. */
  readonly cookies: string | null;
  /** The parsed JSON body (null when there is none), for the command id; of a raw body its digest. */
  readonly rawBody: Json;
}

export interface Answer {
  readonly status: number;
  readonly body?: JsonObject;
  /** In the place of `body`: what is no JSON, and its content type. */
  readonly bytes?: { readonly type: string; readonly content: Buffer };
  /** In the place of `body`: what is made while it is sent. */
  readonly stream?: StreamedBody;
  readonly headers?: Readonly<Record<string, string>>;
  /** Work that starts after the answer was sent and that a shutdown waits for ("202 always"). */
  readonly after?: () => Promise<void>;
}

/** A rejection that says more in headers than its reason does, or leaves work behind. */
export interface Refusal extends Rejection {
  readonly headers?: Readonly<Record<string, string>>;
  /** As an answer's. */
  readonly after?: () => Promise<void>;
}

type Schema = z.ZodType | undefined;
type Parsed<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

export interface EndpointInput<P extends Schema, Q extends Schema, B extends Schema> {
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  /** The body as it came, where `bytes` is declared; else empty. */
  readonly bytes: Buffer;
}

/** A body that is no JSON. */
export interface RawBody {
  /** What the content type must be: `image/*`. */
  readonly types: `${string}/*`;
  /** Most bytes. */
  readonly limit: number;
  /** Asked before the first byte is read, with the token as sent. The place is held until the answer stands. */
  admit(bearer: string | null): Place | Rejection;
}

/** What a status answers with; `body: null` for no content, or for bytes or a stream of `type`. */
export interface DocumentedAnswer {
  readonly description: string;
  readonly body: z.ZodType | null;
  readonly type?: string;
  /** In the place of `type`, where it is text: how it begins, by content type. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly example?: Json;
  /** Which of ours it carries beside `X-Request-Id`, a command's `Consistency-Token` and a query's position and lag. */
  readonly headers?: readonly AnswerHeader[];
  /** "202 always": sent before anything is looked up, so it carries no `Consistency-Token`. */
  readonly promisesNothing?: true;
}

/** One endpoint, declared once: validation, the router and the API document all come from this. */
export interface Endpoint<P extends Schema = Schema, Q extends Schema = Schema, B extends Schema = Schema> {
  readonly operation: OperationId;
  readonly summary: string;
  readonly description: string;
  /** What it belongs to in the API document. */
  readonly tag: Tag;
  readonly token: TokenUse;
  /** Who may call it. `accessInWords` says it in the API document. */
  readonly permission: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** In the place of `body`. */
  readonly bytes?: RawBody;
  /** Beside `application/json`. */
  readonly alsoAccepts?: readonly string[];
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  readonly errors: readonly ErrorCode[];
  readonly example?: Json;
  /**
   * For a route that ignores the `Authorization` header, and whose caller stands in the body or a cookie: whom the request
   * counts to, once it is read; null: to the address. Only a token that verifies names anybody.
   */
  countsTo?(input: EndpointInput<P, Q, B>, context: RequestContext): Sender | null;
  /** That the route goes: shown in the API document, and told on each of its answers. */
  readonly deprecated?: Deprecated;
  handle(input: EndpointInput<P, Q, B>, context: RequestContext): Promise<Answer | Rejection | Refusal>;
}

/** Keeps the schemas' types for the handler, and forgets them for the router. */
export const defineEndpoint = <
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
>(
  endpoint: Endpoint<P, Q, B>,
): Endpoint => endpoint;
