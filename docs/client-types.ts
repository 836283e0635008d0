import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from 'openapi-typescript';
import { openApiDocument } from './openapi/document.ts';

/**
 * The types of the API for TypeScript: what `npx openapi-typescript http://localhost:8000/openapi.json` makes of a
 * running Rollbook, to the letter.
 */
export const clientTypes = async (): Promise<string> =>
  `${COMMENT_HEADER}${astToString(await openapiTS(structuredClone(openApiDocument()) as OpenAPI3))}`;
