import { readFileSync } from 'node:fs';
import type { OpenRoute } from '@rollbook/shared/http/build-app';

interface Documented {
  readonly components: { readonly schemas: Readonly<Record<string, { readonly $id: `/schemas/events/${string}` }>> };
}

const route = (path: string, value: object): OpenRoute => {
  const body = JSON.stringify(value);
  const headers = { 'Cache-Control': 'public, max-age=300' };
  return { path, answer: () => ({ status: 200, type: 'application/json; charset=utf-8', body, headers }) };
};

/**
 * `GET /asyncapi.json` and the JSON Schema of each public event, as they are committed at the top of the project, made
 * by `npm run docs -- asyncapi`.
 */
export const asyncApi = (): readonly OpenRoute[] => {
  const document = JSON.parse(readFileSync(new URL('../../../asyncapi.json', import.meta.url), 'utf8')) as Documented;
  const schemas = Object.values(document.components.schemas);
  return [route('/asyncapi.json', document), ...schemas.map((schema) => route(schema.$id, schema))];
};
