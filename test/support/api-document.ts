import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { ANSWER_HEADERS } from '@rollbook/shared/contracts/answer-headers';
import { isDetailCode } from '@rollbook/shared/contracts/detail-codes';

type Json = Record<string, any>;

/** An answer as a test got it. */
export interface SeenAnswer {
  readonly method: string;
  /** The path with its query. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** undefined: it was not read to its end, so it is not looked at. */
  readonly body?: string | undefined;
}

/** What an answer was documented as, and where it differs from that. */
export interface Compared {
  /** null: the path is not documented. */
  readonly operation: string | null;
  readonly status: number;
  readonly differences: readonly string[];
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
/** What no answer of the status goes without. */
const ALWAYS: Readonly<Partial<Record<number, readonly string[]>>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};
/** Shown from the program, also while no read model says how far it is. */
const WITHOUT_READ_MODEL = ['listRoles'];
const OURS = Object.keys(ANSWER_HEADERS);

/** The API document, and the validators that are made from it. */
export class ApiDocument {
  readonly document: Json;
  readonly #ajv: Ajv;
  readonly #routes: readonly { readonly pattern: RegExp; readonly path: string }[];

  constructor(document: Json) {
    this.document = document;
    this.#ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
    addFormats.default(this.#ajv, ['uuid', 'date-time']);
    this.#ajv.addVocabulary(['example', 'components']);
    this.#ajv.addFormat('binary', true);
    this.#ajv.addSchema({ $id: 'api', components: document['components'] });
    // A path without parameters comes before one that would take its place.
    const paths = Object.keys(document['paths']).toSorted((a, b) => a.split('{').length - b.split('{').length);
    this.#routes = paths.map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }));
  }

  /** The document as it is committed. */
  static committed(): ApiDocument {
    return new ApiDocument(JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8')) as Json);
  }

  /** Every operation with its method and path. */
  get operations(): readonly (Json & { readonly method: string; readonly path: string })[] {
    return Object.entries<Json>(this.document['paths']).flatMap(([path, item]) =>
      METHODS.flatMap((method) => (method in item ? [{ ...item[method], method, path }] : [])),
    );
  }

  /** A validator of a schema that stands somewhere in the document. */
  compile(schema: Json): ValidateFunction {
    return this.#ajv.compile(
      JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as Json,
    );
  }

  /** A schema itself, where it stands by its name. */
  resolve(schema: Json): Json {
    const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema['$ref']))?.[1];
    return name === undefined ? schema : (this.document['components']['schemas'][name] as Json);
  }

  /** Holds an answer against the document. */
  compare(answer: SeenAnswer): Compared {
    const path = (answer.url.split('?')[0] ?? '').replace(/^\/api\/v1(?=\/|$)/, '/v1');
    const route = this.#routes.find(({ pattern }) => pattern.test(path));
    const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
    const operation = route && (this.document['paths'][route.path][method] as Json | undefined);
    if (!operation) return { operation: null, status: answer.status, differences: [] };
    const said = operation['responses'] as Json;
    const documented = (said[String(answer.status)] ?? (answer.status >= 500 ? said['default'] : undefined)) as
      Json | undefined;
    const differences = documented
      ? [
          ...this.#compareHeaders(documented, answer, operation['operationId'] as string),
          ...this.#compareBody(documented, answer),
        ]
      : [`status ${String(answer.status)} is not documented`];
    return { operation: operation['operationId'] as string, status: answer.status, differences };
  }

  *#compareHeaders(documented: Json, { headers, status }: SeenAnswer, operation: string): Generator<string> {
    const saysHowFar = status < 400 && !WITHOUT_READ_MODEL.includes(operation);
    const known = Object.keys((documented['headers'] ?? {}) as Json);
    for (const name of OURS) {
      const value = headers.get(name);
      if (value !== null && !known.includes(name)) yield `header ${name} is not documented for ${String(status)}`;
      const { pattern } = ANSWER_HEADERS[name as keyof typeof ANSWER_HEADERS] as { pattern?: string };
      if (value !== null && pattern !== undefined && !new RegExp(pattern).test(value)) yield `header ${name}: ${value}`;
    }
    const always = [
      'X-Request-Id',
      ...known.filter((name) => saysHowFar && name.startsWith('Projection-')),
      ...(ALWAYS[status] ?? []),
    ];
    for (const name of always) if (headers.get(name) === null) yield `header ${name} is missing`;
  }

  *#compareBody(documented: Json, { method, body, headers }: SeenAnswer): Generator<string> {
    if (method === 'HEAD') return;
    const content = (documented['content'] ?? {}) as Json;
    const type = headers.get('content-type')?.split(';')[0] ?? null;
    if (body === undefined && type !== null && !(type in content)) yield `content type ${type} is not documented`;
    if (body === undefined) return;
    if (Object.keys(content).length === 0) {
      if (body !== '') yield `a body of ${String(body.length)} characters is not documented`;
      return;
    }
    const media = type === null ? undefined : (content[type] as Json | undefined);
    if (media === undefined) yield `content type ${String(type)} is not documented`;
    else if (type === 'application/json') yield* this.#compareJson(media, JSON.parse(body));
  }

  *#compareJson(media: Json, value: Json): Generator<string> {
    const validate = this.compile(media['schema'] as Json);
    if (!validate(value)) yield `body: ${this.#ajv.errorsText(validate.errors)}`;
    const codes = Object.keys((media['examples'] ?? {}) as Json);
    const code = value['error']?.['code'] as string | undefined;
    if (code !== undefined && codes.length > 0 && !codes.includes(code)) yield `error code ${code} is not documented`;
    for (const detail of (value['error']?.['details'] ?? []) as readonly Json[])
      if (!isDetailCode(detail['code'])) yield `detail code ${String(detail['code'])} is not in docs/errors.md`;
  }
}
