import createClient, { type ParamsOption } from 'openapi-fetch';
import type { components, paths } from '../../docs/client/rollbook-api.d.ts';

// The client that the docs recommend to portals, with the types that they would generate: a field that has another name
// in the document fails the compiler here.

type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][M]>;
/** The paths that have the method. */
type PathWith<M extends Method> = { [P in keyof paths]: [Operation<M, P>] extends [never] ? never : P }[keyof paths];

type Json<T> = T extends { content: { 'application/json': infer Value } } ? Value : null;
type Success<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never;
type Sent<O> = O extends { requestBody: infer R }
  ? { body: Json<R> }
  : O extends { requestBody?: infer R }
    ? { body?: Json<NonNullable<R>> }
    : object;
// The library's own type of a call takes any field in a body.
type Call<O> = ParamsOption<O> & Sent<O> & { headers?: Readonly<Record<string, string>> };
type Send<M extends Method> = <P extends PathWith<M>>(
  path: P,
  ...call: object extends Call<Operation<M, P>> ? [Call<Operation<M, P>>?] : [Call<Operation<M, P>>]
) => Promise<TypedAnswer<Success<Operation<M, P>>>>;

export type Schemas = components['schemas'];
/** What a command takes. */
export type BodyOf<M extends Method, P extends keyof paths> = Json<NonNullable<Operation<M, P>['requestBody']>>;
type Registering = BodyOf<'post', '/v1/users'>;
/** What registering takes. `undefined` is not sent. */
export type Registration = { [Field in keyof Registering]: Registering[Field] | undefined };

/** What `listUsers` is asked by. */
export type UserFilter = NonNullable<Operation<'get', '/v1/users'>['parameters']['query']>;

/** What `listAuditEvents` is asked by. */
export type AuditFilter = NonNullable<Operation<'get', '/v1/audit/events'>['parameters']['query']>;

/** An answer, read to its end. */
export interface TypedAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** As a success has it, null where that has none: a journey looks at the status first. */
  readonly body: Body;
  /** Of a refusal. */
  readonly error: Schemas['Error']['error'] | undefined;
}

/** Sends requests to the Rollbook at `url`, with the token where there is one. */
export const typedClient = (url: string, token?: string) => {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const client = createClient({ baseUrl: url, headers: authorization });
  const send = <M extends Method>(method: M) =>
    (async (path: never, call: never) => {
      const answer: { data?: unknown; error?: unknown; response: Response } = await client.request(method, path, call);
      const { data, error, response } = answer;
      const refused = error as Schemas['Error'] | undefined;
      return {
        status: response.status,
        headers: response.headers,
        body: data ?? refused ?? null,
        error: refused?.error,
      };
    }) as unknown as Send<M>;
  return { GET: send('get'), PUT: send('put'), POST: send('post'), PATCH: send('patch'), DELETE: send('delete') };
};

/** What makes a query wait until it includes the command that was answered so. */
export const after = ({ headers }: { readonly headers: Headers }): { readonly 'Consistency-Token': string } => ({
  'Consistency-Token': headers.get('consistency-token') ?? '',
});
