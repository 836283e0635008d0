import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OPEN_PATHS } from '@rollbook/shared/contracts/open-paths';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { ApiDocument } from '../support/api-document.ts';
import type { ClientAnswer } from '../support/client.ts';
import { setExampleStage, type ExampleStage } from './example-stage.ts';
import { WALK, type Step } from './example-walk.ts';
import { sendTo, type Operation, type Sent } from './send-operation.ts';
import { headDifferences, undocumentedFields } from './shape.ts';

// Every example of a request that the document shows is sent, in the order in which a portal could send them, and the
// answer is what the document says of it, with the fields of the example that it shows.

type Json = Record<string, any>;

const api = ApiDocument.committed();
const find = (id: string): Operation => {
  const operation = api.operations.find((each) => each['operationId'] === id);
  if (!operation) throw new Error(`The document knows no ${id}`);
  return operation;
};

let stage: ExampleStage;
beforeAll(async () => {
  stage = await setExampleStage();
  await stage.prepare();
});
afterAll(() => stage.stop());

/** Of the last command: what is asked for afterwards includes it. */
let consistency: string | null = null;

const parametersOf = ({ parameters = [] }: Json): readonly Json[] =>
  (parameters as readonly Json[]).map(({ $ref, ...part }) =>
    $ref === undefined ? part : (api.document['components']['parameters'][String($ref).split('/').pop() ?? ''] as Json),
  );

/** Nothing that is made has a version yet. */
const MAKING = ['registerUser', 'createApiKey', 'redrive'];

/** The examples of the headers, but for versions and places in the log: they name other ones. */
const headersOf = (operation: Operation): Readonly<Record<string, string>> => {
  const live: Readonly<Record<string, string | null>> = {
    'If-Match': MAKING.includes(operation['operationId'] as string) ? null : '*',
    'Consistency-Token': consistency,
  };
  const shown = parametersOf(operation).filter((parameter) => parameter['in'] === 'header');
  const values = shown.map(({ name, example }) => [name, name in live ? live[name as string] : example] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== null));
};

const toQuery = (values: Readonly<Record<string, string>>): string =>
  Object.keys(values).length === 0 ? '' : `?${new URLSearchParams(values).toString()}`;

const statusOf = ({ responses }: Json): number =>
  Math.min(
    ...Object.keys(responses as Json)
      .map(Number)
      .filter(Boolean),
  );

/** What an answer differs in from what the document says of it. */
const judge = (operation: Operation, status: number, answer: ClientAnswer): readonly string[] => {
  if (answer.status !== status)
    return [`${String(answer.status)} for ${String(status)}: ${JSON.stringify(answer.body)}`];
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  const media = operation['responses'][status]['content']?.[type] as Json | undefined;
  if (!media) return [];
  if (typeof media['example'] === 'string' && typeof answer.body === 'string')
    return headDifferences(type, media['example'], answer.body);
  return undocumentedFields(api, { schema: media['schema'] as Json, example: media['example'], value: answer.body });
};

const send = async (operation: Operation, step: Step, sent: Sent): Promise<ClientAnswer> => {
  const answer = await sendTo(step.url === 'private' ? stage.private : stage.rollbook.url, operation, sent);
  consistency = answer.headers.get('consistency-token') ?? consistency;
  step.then?.(answer, stage);
  return answer;
};

describe('Every example of the document', () => {
  test.each(WALK.map((step) => [`${step.operation} ${String(step.status ?? '')}`, step] as const))(
    '%s is answered as the document says',
    async (_title, step) => {
      const operation = find(step.operation);
      const type = step.type ?? 'application/json';
      const status = step.status ?? statusOf(operation);
      const { body, headers = {}, ...rest } = await step.sent(stage);
      const example = operation['requestBody']?.['content']?.[type]?.['example'] as object | undefined;
      const whole: Sent = {
        type,
        ...rest,
        headers: { ...headersOf(operation), ...headers },
        ...(body instanceof Uint8Array ? { body } : example && { body: { ...example, ...(body as object) } }),
      };
      const asked = parametersOf(operation).filter((parameter) => parameter['in'] === 'query');
      const required = Object.fromEntries(
        asked.filter((parameter) => parameter['required']).map(({ name, example: value }) => [name, value]),
      ) as Record<string, string>;
      const answer = await send(operation, step, { ...whole, query: toQuery(required) });
      expect(judge(operation, status, answer)).toStrictEqual([]);
      if (step.status !== undefined) return;
      for (const { name, example: value } of asked.filter((parameter) => !parameter['required'])) {
        const live = step.query?.(stage)[name as string];
        const query = toQuery({ ...required, [name as string]: live ?? (value as string) });
        const found = await send(operation, step, { ...whole, query });
        // What is asked for in part shows less.
        const differs = name === 'fields' ? [] : judge(operation, status, found);
        expect([query, found.status, differs]).toStrictEqual([query, status, []]);
      }
    },
  );

  test('was sent, to every operation', () => {
    const known = WALK.map(({ operation }) => operation);
    expect(api.operations.map((each) => each['operationId'] as string).filter((id) => !known.includes(id))).toEqual([]);
    const types = (api.operations as readonly Json[]).flatMap(({ operationId, requestBody }) =>
      Object.keys((requestBody?.['content'] ?? {}) as Json).map((type) => `${operationId as string} ${type}`),
    );
    const sent = WALK.map(({ operation, type = 'application/json' }) => `${operation} ${type}`);
    expect(types.filter((each) => !sent.includes(each))).toStrictEqual([]);
  });
});

describe('The gateway, and each API behind it', () => {
  /** The documented methods of each path, with an id in the place of each parameter. */
  const documented = Object.entries<Json>(api.document['paths'] as Json).map(([path, item]) => ({
    path: path.replace('{type}', 'rollbook.user.registered.v1').replaceAll(/\{\w+\}/g, randomUUID()),
    methods: Object.keys(item)
      .map((method) => method.toUpperCase())
      .toSorted(),
  }));
  const methodsAt = async (url: string, path: string): Promise<readonly string[]> => {
    const { status, headers } = await fetch(`${url}${path}`, { method: 'OPTIONS' });
    const allowed = (headers.get('allow') ?? '').split(', ').filter((method) => !['HEAD', 'OPTIONS'].includes(method));
    return status === 204 ? allowed.toSorted() : [String(status)];
  };
  const origins = (): readonly string[] => {
    const { url, services } = stage.rollbook;
    return [url, ...['commandApi', 'queryApi'].map((name) => services[name]?.addresses['http'] ?? '')];
  };

  test('know every documented path by exactly its methods, and by its other name', async () => {
    for (const url of origins())
      for (const { path, methods } of documented) {
        expect([path, await methodsAt(url, path)]).toStrictEqual([path, methods]);
        const alias = path.replace(/^\/v1\//, '/api/v1/');
        expect([alias, await methodsAt(url, alias)]).toStrictEqual([alias, methods]);
      }
  });

  test('have no path that the document leaves out, but for pages and what they are made of', async () => {
    const known = [...OPEN_PATHS, ...Object.values(OPERATIONS).map(({ path }) => `/v1${path}`)];
    const left = known.filter((path) => !Object.hasOwn(api.document['paths'] as Json, path));
    const types = await Promise.all(
      left.map(async (path) => {
        const { status, headers } = await fetch(`${stage.rollbook.url}${path}`);
        return [path, status, /^text\/(?:html|css|javascript);/.test(headers.get('content-type') ?? '')];
      }),
    );
    expect(types).toStrictEqual(left.map((path) => [path, 200, true]));
    expect(left).toContain('/docs');
  });

  test('refuse a path that nobody has documented', async () => {
    for (const url of origins()) expect(await methodsAt(url, '/v1/nowhere')).toStrictEqual(['404']);
  });
});
