import { OpenAPIRegistry, OpenApiGeneratorV3 } from '@asteasolutions/zod-to-openapi';
import { ANSWER_HEADERS, DEPRECATION_HEADERS } from '@rollbook/shared/contracts/answer-headers';
import type { Endpoint } from '@rollbook/shared/http/endpoint';
import { TAGS } from '@rollbook/shared/contracts/tags';
import { ENDPOINTS } from '../endpoints.ts';
import { settle } from './settle.ts';
import { OPEN_ROUTES } from './open-routes.ts';
import { routeOf } from './operation.ts';
import { withParameterWords } from './parameter-words.ts';
import { headerParameter, REQUEST_HEADERS } from './parameters.ts';

const DESCRIPTION = `A user service over an append-only event log.

Every answer carries \`X-Request-Id\`. Every error has one form, the schema \`Error\`; \`docs/errors.md\` lists them. Commands
take \`Idempotency-Key\` and can be sent again; a query that sends back a command's \`Consistency-Token\` includes it.
Another method of a path is 405 (\`METHOD_NOT_ALLOWED\`) with \`Allow\`, which \`OPTIONS\` answers too.
\`/api/v1\` serves the same as \`/v1\`. A new version of the API is announced 90 days before it comes; what is deprecated
goes on for at least twelve months, and each of its answers says so by \`Deprecation\`, \`Sunset\` and \`Link\`.

Requests are limited an hour, per signed-in person, API key or else address: each answer says by \`X-RateLimit-Limit\`,
\`X-RateLimit-Remaining\` and \`X-RateLimit-Reset\` how its sender stands.`;

const header = ({ description, example, pattern }: { description: string; example: string; pattern?: string }) => ({
  description,
  schema: { type: 'string' as const, ...(pattern !== undefined && { pattern }) },
  example,
});

const registryOf = (endpoints: readonly Endpoint[]): OpenAPIRegistry => {
  const registry = new OpenAPIRegistry();
  // A component that nothing uses is a fault to linters.
  const unused: readonly string[] = endpoints.some(({ deprecated }) => deprecated) ? [] : DEPRECATION_HEADERS;
  for (const [name, about] of Object.entries(ANSWER_HEADERS).filter(([name]) => !unused.includes(name)))
    registry.registerComponent('headers', name, header(about));
  for (const [name, about] of Object.entries(REQUEST_HEADERS))
    registry.registerComponent('parameters', name, headerParameter(about));
  registry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a sign-in, for 15 minutes; its keys are at `/.well-known/jwks.json`.',
  });
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key with the scope that the operation names.',
  });
  registry.registerComponent('securitySchemes', 'refreshCookie', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-rollbook_refresh',
    description:
      'The refresh token of a sign-in with `refresh_transport: cookie`, read only from a page of our own origin or of one ' +
      'in `CORS_ORIGINS`. Without the prefix on plain http at loopback.',
  });
  for (const endpoint of endpoints) registry.registerPath(routeOf(endpoint));
  for (const route of OPEN_ROUTES) registry.registerPath(route);
  return registry;
};

/** The API document (OpenAPI 3.0.3) of all that the gateway serves, made from the declarations of the endpoints. */
export const openApiDocument = (endpoints: readonly Endpoint[] = ENDPOINTS): object => {
  const generator = new OpenApiGeneratorV3(registryOf(endpoints).definitions, { sortComponents: 'alphabetically' });
  const document = generator.generateDocument({
    openapi: '3.0.3',
    info: {
      title: 'Rollbook',
      version: '1.0.0',
      description: DESCRIPTION,
      license: { name: 'Proprietary', url: '/docs' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
  return withParameterWords(settle(document));
};
