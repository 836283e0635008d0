import type { ResponseConfig, RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { Access } from '@rollbook/shared/contracts/access';
import { accessInWords } from '@rollbook/shared/contracts/access-in-words';
import { RATE_LIMIT_HEADERS } from '@rollbook/shared/contracts/answer-headers';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import type { ErrorCode } from '@rollbook/shared/contracts/rejections';
import type { DocumentedAnswer, Endpoint } from '@rollbook/shared/http/endpoint';
import type { z } from 'zod';
import { deprecatedRoute } from './deprecation.ts';
import { ErrorEnvelope, errorAnswers } from './errors.ts';
import { requestHeaders } from './parameters.ts';

type Responses = RouteConfig['responses'];

const isQuery = ({ operation }: Endpoint): boolean => OPERATIONS[operation].method === 'GET';

/** Errors that come about before an endpoint is reached, or whatever it does. */
const errorsOf = (endpoint: Endpoint): readonly ErrorCode[] => [
  ...endpoint.errors,
  'RATE_LIMIT_EXCEEDED',
  ...(isQuery(endpoint) ? [] : (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
];

const refs = (kind: 'headers' | 'parameters', names: readonly string[]) =>
  names.map((name) => [name, { $ref: `#/components/${kind}/${name}` }] as const);

const READ = ['Projection-Position', 'Projection-Lag-Ms'];

const headersOf = (endpoint: Endpoint, answer: DocumentedAnswer) => {
  const own = isQuery(endpoint) ? READ : answer.promisesNothing === true ? [] : ['Consistency-Token'];
  return Object.fromEntries(
    refs('headers', ['X-Request-Id', ...RATE_LIMIT_HEADERS, ...own, ...(answer.headers ?? [])]),
  );
};

const contentOf = ({
  body,
  type = 'application/json',
  texts,
  example,
}: DocumentedAnswer): Partial<Pick<ResponseConfig, 'content'>> => {
  if (body !== null) {
    const shown = example ?? body.meta()?.['example'];
    return { content: { [type]: { schema: body, ...(shown !== undefined && { example: shown }) } } };
  }
  if (texts) {
    const shown = Object.entries(texts).map(([type, text]) => [type, { schema: { type: 'string' }, example: text }]);
    return { content: Object.fromEntries(shown) as NonNullable<ResponseConfig['content']> };
  }
  if (type === 'application/json') return {};
  return { content: { [type]: { schema: { type: 'string', format: 'binary' } } } };
};

const answersOf = (endpoint: Endpoint): Responses =>
  Object.fromEntries(
    Object.entries(endpoint.answers).map(([status, answer]) => [
      status,
      { description: answer.description, headers: headersOf(endpoint, answer), ...contentOf(answer) },
    ]),
  );

/** What refusals of an endpoint carry beside what every refusal of their status does. */
const refusalHeaders = (endpoint: Endpoint, status: number): readonly string[] => {
  // A query that has looked says how far it saw, also where it refuses.
  if (isQuery(endpoint)) return status === 401 ? [] : READ;
  // A refresh token that is worth nothing any more leaves the browser.
  const setsCookie = Object.values(endpoint.answers).some(({ headers }) => headers?.includes('Set-Cookie') === true);
  return setsCookie ? ['Set-Cookie'] : [];
};

const errorResponses = (endpoint: Endpoint): Responses =>
  Object.fromEntries(
    errorAnswers(errorsOf(endpoint)).map(({ status, description, headers, examples }) => [
      String(status),
      {
        description,
        headers: Object.fromEntries(
          refs('headers', [...headers, ...RATE_LIMIT_HEADERS, ...refusalHeaders(endpoint, status)]),
        ),
        content: { 'application/json': { schema: ErrorEnvelope, examples } },
      },
    ]),
  );

/** Of what stands in the body a document has no scheme, so that nothing at all does too. */
const HOLDERS: Readonly<Record<Extract<Access, { who: 'holder' }>['of'], NonNullable<RouteConfig['security']>>> = {
  link: [],
  'refresh-token': [{}, { refreshCookie: [] }],
  'any-token': [{}, { accessToken: [] }, { refreshCookie: [] }],
};

const securityOf = ({ token, permission }: Endpoint): NonNullable<RouteConfig['security']> => {
  if (token === 'ignored') return permission.who === 'holder' ? HOLDERS[permission.of] : [];
  const known = [{ accessToken: [] }, ...('scope' in permission ? [{ apiKey: [] }] : [])];
  return token === 'optional' ? [{}, ...known] : known;
};

const bodyOf = ({ body, bytes, alsoAccepts = [], example }: Endpoint) => {
  if (bytes) return { required: true, content: { [bytes.types]: { schema: { type: 'string', format: 'binary' } } } };
  if (body === undefined) return undefined;
  const media = { schema: body, ...(example !== undefined && { example }) };
  const content = Object.fromEntries(['application/json', ...alsoAccepts].map((type) => [type, media]));
  return { required: !body.safeParse(undefined).success, content };
};

const wholeRoute = (endpoint: Endpoint): RouteConfig => {
  const { method, path } = OPERATIONS[endpoint.operation];
  const hasEtag = Object.values(endpoint.answers).some(({ headers }) => headers?.includes('ETag') === true);
  const body = bodyOf(endpoint);
  return {
    operationId: endpoint.operation,
    method: method.toLowerCase() as RouteConfig['method'],
    path: `/v1${path}`,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: `${endpoint.description}\n\n**Who may:** ${accessInWords(endpoint.permission)}`,
    security: securityOf(endpoint),
    parameters: refs('parameters', requestHeaders(endpoint.operation, isQuery(endpoint), hasEtag)).map(
      ([, ref]) => ref,
    ),
    request: {
      ...(endpoint.params && { params: endpoint.params as z.ZodObject }),
      ...(endpoint.query && { query: endpoint.query as z.ZodObject }),
      ...(body && { body: body as NonNullable<RouteConfig['request']>['body'] }),
    } as NonNullable<RouteConfig['request']>,
    responses: {
      ...answersOf(endpoint),
      ...errorResponses(endpoint),
      default: UNEXPECTED,
    },
  };
};

/** What the generator is told of one endpoint. */
export const routeOf = (endpoint: Endpoint): RouteConfig =>
  endpoint.deprecated ? deprecatedRoute(wholeRoute(endpoint), endpoint.deprecated) : wholeRoute(endpoint);

/** Codes that belong to no operation. */
const OF_NO_OPERATION = ['INTERNAL_SERVER_ERROR', 'METHOD_NOT_ALLOWED'] as const;

const UNEXPECTED: ResponseConfig = {
  description:
    'A fault of the service: the request id names the case. Or a limit of the gateway in front of it, or a method that the path does not have (405, with `Allow`).',
  headers: Object.fromEntries(refs('headers', ['X-Request-Id', ...RATE_LIMIT_HEADERS])),
  content: {
    'application/json': {
      schema: ErrorEnvelope,
      examples: Object.fromEntries(errorAnswers(OF_NO_OPERATION).flatMap(({ examples }) => Object.entries(examples))),
    },
  },
};
