import type { ResponseConfig, RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { OpenPath } from '@rollbook/shared/contracts/open-paths';
import type { ErrorCode } from '@rollbook/shared/contracts/rejections';
import { z } from 'zod';
import { ErrorEnvelope, errorAnswers } from './errors.ts';
import { EDWARDS, JWK } from './key-examples.ts';

const headersOf = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const REQUEST_ID = headersOf(['X-Request-Id']);

/** A description in a format that others define: what it must have of ours is its version and what it is about. */
const documentOf = (format: 'openapi' | 'asyncapi') => ({
  type: 'object' as const,
  required: [format, 'info'],
  properties: {
    [format]: { type: 'string' as const },
    info: { type: 'object' as const, additionalProperties: true },
  },
  additionalProperties: true,
});

const JSON_SCHEMA = {
  type: 'object' as const,
  required: ['$schema', '$id', 'type'],
  properties: {
    $schema: { type: 'string' as const },
    $id: { type: 'string' as const },
    type: { type: 'string' as const, enum: ['object'] },
  },
  additionalProperties: true,
};

interface OpenRouteDocument {
  readonly operationId: string;
  readonly path: OpenPath | '/schemas/events/{type}.json';
  readonly summary: string;
  readonly description: string;
  readonly type?: string;
  readonly schema: z.ZodType | ReturnType<typeof documentOf> | typeof JSON_SCHEMA;
  readonly example?: unknown;
  /** How it may refuse. */
  readonly errors?: readonly ErrorCode[];
  readonly params?: z.ZodObject;
}

const Live = z.strictObject({ status: z.enum(['live']) });
const Ready = z.strictObject({
  status: z.enum(['ready']),
  checks: z.record(z.string(), z.enum(['up', 'down'])),
  lag_ms: z
    .record(z.string(), z.int())
    .optional()
    .meta({ description: 'How far each read model is behind, in milliseconds. Not told by the gateway.' }),
});
const Keys = z.strictObject({
  keys: z.array(z.object({ kid: z.string(), kty: z.string(), alg: z.string(), use: z.string() }).catchall(z.string())),
});

const NotaryKeys = z.strictObject({
  origin: z.string().nullable(),
  keys: z.array(
    z
      .object({ kid: z.string(), kty: z.string(), alg: z.string(), use: z.string(), vkey: z.string().nullable() })
      .catchall(z.string()),
  ),
});

const ORIGIN = 'rollbook/0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a';
const ROUTES: readonly OpenRouteDocument[] = [
  {
    operationId: 'live',
    path: '/health/live',
    summary: 'Say that the service runs',
    description: 'Answers as long as the process does; asks nothing else.',
    schema: Live,
    example: { status: 'live' },
  },
  {
    operationId: 'ready',
    path: '/health/ready',
    summary: 'Say whether everything that is needed answers',
    description: 'At the gateway: whether every service is ready. A part that is down is named.',
    schema: Ready,
    example: { status: 'ready', checks: { command_api: 'up', query_api: 'up', projector: 'up', mailer: 'up' } },
    errors: ['SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'accessTokenKeys',
    path: '/.well-known/jwks.json',
    summary: 'Show the keys of access tokens',
    description: 'Public keys (RFC 7517), the current one first.',
    schema: Keys,
    example: { keys: [JWK] },
  },
  {
    operationId: 'receiptKeys',
    path: '/.well-known/receipt-keys.json',
    summary: 'Show the keys of receipts',
    description: 'Public keys (RFC 7517, Ed25519) that receipts of erasures verify with.',
    schema: Keys,
    example: { keys: [EDWARDS] },
  },
  {
    operationId: 'auditKeys',
    path: '/.well-known/audit-keys.json',
    summary: 'Show the keys of checkpoints',
    description:
      'Public keys (RFC 7517, Ed25519) that checkpoints of the log verify with, the current one first; `vkey`: the same ' +
      'as verifiers of signed notes take it, null while the log is away.',
    schema: NotaryKeys,
    example: {
      origin: ORIGIN,
      keys: [{ ...EDWARDS, vkey: `${ORIGIN}+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW` }],
    },
  },
  {
    operationId: 'asyncApi',
    path: '/asyncapi.json',
    summary: 'Show the description of the public events',
    description: 'AsyncAPI 3.0: the Kafka topic and the stream of server-sent events.',
    schema: documentOf('asyncapi'),
    example: { asyncapi: '3.0.0', info: { title: 'Rollbook user events', version: '1.0.0' }, channels: {} },
  },
  {
    operationId: 'eventSchema',
    path: '/schemas/events/{type}.json',
    summary: 'Show the JSON Schema of a public event',
    description: 'Of the data of its messages, wherever they are read (JSON Schema, draft 7).',
    params: z.object({ type: z.string() }),
    schema: JSON_SCHEMA,
    example: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: '/schemas/events/rollbook.user.registered.v1.json',
      type: 'object',
      properties: { user_id: { type: 'string', format: 'uuid' } },
    },
    errors: ['NOT_FOUND'],
  },
  {
    operationId: 'openApi',
    path: '/openapi.json',
    summary: 'Show this document',
    description: 'OpenAPI 3.0.3. `/docs` shows it to people.',
    schema: documentOf('openapi'),
    example: { openapi: '3.0.3', info: { title: 'Rollbook', version: '1.0.0' }, paths: {} },
  },
];

const refusals = (errors: readonly ErrorCode[]): Record<string, ResponseConfig> =>
  Object.fromEntries(
    errorAnswers(errors).map(({ status, description, headers, examples }) => [
      String(status),
      {
        description,
        headers: headersOf(headers),
        content: { 'application/json': { schema: ErrorEnvelope, examples } },
      },
    ]),
  );

const routeOf = ({
  schema,
  type = 'application/json',
  example,
  errors = [],
  params,
  ...about
}: OpenRouteDocument): RouteConfig => ({
  ...about,
  ...(params && { request: { params } }),
  method: 'get',
  tags: ['Service'],
  security: [],
  responses: {
    200: {
      description: about.summary,
      headers: REQUEST_ID,
      content: { [type]: { schema, ...(example !== undefined && { example }) } },
    },
    ...refusals(errors),
  },
});

/** What is open to all outside `/v1`, and is no page for people. */
export const OPEN_ROUTES: readonly RouteConfig[] = ROUTES.map(routeOf);
