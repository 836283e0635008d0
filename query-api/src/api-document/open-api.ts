import { readFileSync } from 'node:fs';
import type { OpenRoute } from '@rollbook/shared/http/build-app';

/**
 * `GET /openapi.json`: the document as it is committed at the top of the project, made by `npm run docs -- openapi` from
 * the declarations of both APIs.
 */
export const openApi = (): OpenRoute => {
  const text = readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8');
  const body = JSON.stringify(JSON.parse(text));
  const headers = { 'Cache-Control': 'public, max-age=300' };
  return {
    path: '/openapi.json',
    answer: () => ({ status: 200, type: 'application/json; charset=utf-8', body, headers }),
  };
};
