import type { ResponseConfig, RouteConfig } from '@asteasolutions/zod-to-openapi';
import { DEPRECATION_HEADERS } from '@rollbook/shared/contracts/answer-headers';
import type { Deprecated } from '@rollbook/shared/http/deprecation';

const HEADERS = Object.fromEntries(DEPRECATION_HEADERS.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const inWords = ({ since, sunset, successor }: Deprecated): string =>
  `**Deprecated** since ${since}; it may be gone from ${sunset} on.` +
  (successor === undefined ? '' : ` In its place: \`${successor}\`.`);

/** The same route, as one that goes: marked, described so, and with the headers that each of its answers carries. */
export const deprecatedRoute = (route: RouteConfig, deprecated: Deprecated): RouteConfig => {
  const responses = Object.entries(route.responses as Record<string, ResponseConfig>).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...(answer.headers as object), ...HEADERS } },
  ]);
  return {
    ...route,
    deprecated: true,
    description: `${inWords(deprecated)}\n\n${route.description ?? ''}`,
    responses: Object.fromEntries(responses) as RouteConfig['responses'],
  };
};
