import { describe, expect, test } from '@jest/globals';
import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { reject } from '@rollbook/shared/contracts/rejections';
import { errorAnswer } from '@rollbook/shared/http/error-body';
import { z } from 'zod';
import { ENDPOINTS } from '../../docs/endpoints.ts';
import { openApiDocument } from '../../docs/openapi/document.ts';
import { ApiDocument } from '../support/api-document.ts';
import { lint } from '../support/lint-document.ts';
import { nearMisses } from '../support/near-misses.ts';

type Json = Record<string, any>;

const api = ApiDocument.committed();
const ofTheApi = api.operations.filter(({ path }) => path.startsWith('/v1/'));

/** Everything in JSON that an operation documents, with its examples. */
const media = (api.operations as readonly Json[]).flatMap((operation): (readonly [string, Json])[] => {
  const id = operation['operationId'] as string;
  const contentOf = (where: string, part: Json): (readonly [string, Json])[] =>
    Object.entries<Json>(part['content'] ?? {}).flatMap(([type, content]) =>
      type === 'application/json' ? [[`${id} ${where} ${type}`, content] as const] : [],
    );
  return [
    ...contentOf('request', (operation['requestBody'] ?? {}) as Json),
    ...Object.entries<Json>(operation['responses']).flatMap(([status, answer]) => contentOf(status, answer)),
  ];
});

const examplesOf = (part: Json): readonly unknown[] =>
  'example' in part
    ? [part['example']]
    : Object.values<Json>(part['examples'] ?? {}).map(({ value }) => value as unknown);

describe('The API document', () => {
  test('satisfies a strict linter', async () => {
    expect(await lint('openapi')).toContain('Your API description is valid');
  });

  test('has every operation of the routers, and none besides', () => {
    const declared = ENDPOINTS.map(({ operation }) => operation);
    expect(ofTheApi.map((operation) => (operation as Json)['operationId'] as string).toSorted()).toStrictEqual(
      [...declared].toSorted(),
    );
    for (const operation of ofTheApi) {
      const { method, path } = OPERATIONS[(operation as Json)['operationId'] as keyof typeof OPERATIONS];
      expect([operation.method, operation.path]).toStrictEqual([method.toLowerCase(), `/v1${path}`]);
    }
  });

  test('says how each operation of the API refuses', () => {
    const refusals = (ofTheApi as readonly Json[]).map(({ operationId, responses }) => [
      operationId as string,
      Object.keys(responses as Json).filter((status) => status.startsWith('4')).length,
    ]);
    expect(refusals.filter(([, statuses]) => statuses === 0)).toStrictEqual([]);
  });

  test('has no schema that a validator refuses', () => {
    for (const [where, part] of media)
      expect([where, typeof api.compile(part['schema'] as Json)]).toStrictEqual([where, 'function']);
    for (const { parameters = [] } of ofTheApi as readonly Json[])
      for (const { schema } of parameters as readonly Json[]) if (schema) api.compile(schema as Json);
  });

  test.each(media)('shows %s by an example that is valid, and whose near misses are not', (_where, part) => {
    const validate = api.compile(part['schema'] as Json);
    const examples = examplesOf(part);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect([validate(example), validate.errors]).toStrictEqual([true, null]);
      const misses = nearMisses(example as Json, api.resolve(part['schema'] as Json));
      expect(misses.filter(({ value }) => validate(value)).map(({ what }) => what)).toStrictEqual([]);
    }
  });

  test('is not met by a refusal whose detail has a code that docs/errors.md does not explain', () => {
    const differences = (code: string): readonly string[] => {
      const rejection = reject('invalid_input', {
        details: [{ field: 'name', code: code as DetailCode, message: 'x' }],
      });
      const { status, body } = errorAnswer(rejection, { requestId: 'r', timestamp: '2026-01-02T03:04:05.678Z' });
      const headers = new Headers({ 'X-Request-Id': 'r', 'Content-Type': 'application/json' });
      return api.compare({ method: 'POST', url: '/v1/users', status, headers, body: JSON.stringify(body) }).differences;
    };
    expect(differences('unstorable')).toStrictEqual([]);
    expect(differences('invalid_union')).toStrictEqual(['detail code invalid_union is not in docs/errors.md']);
  });

  test('is another one as soon as a field has another name', () => {
    const renamed = ENDPOINTS.map((endpoint) => {
      if (endpoint.operation !== 'listRoles') return endpoint;
      const body = z.strictObject({ rows: z.array(z.string()) });
      return { ...endpoint, answers: { 200: { description: 'The roles, lower ones first.', body } } };
    });
    expect(openApiDocument()).toStrictEqual(api.document);
    expect(openApiDocument(renamed)).not.toStrictEqual(api.document);
  });
});
