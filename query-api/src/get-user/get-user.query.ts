import { z } from 'zod';
import { USER_EXAMPLE } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import { ask, askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { fields, SomeOfUser } from '../read-model/fields.ts';
import type { Reader } from '../read-model/query-authority.ts';
import { answerUserAsOf, type UserAsOfParts } from './answer-user-as-of.ts';
import { answerUser } from './answer-user.ts';
import { AsOf } from './read-as-of.ts';
import { READ_HISTORY } from './who-may-read-history.ts';
import { READ_USER } from './who-may-see.ts';

export type GetUserParts = QueryParts & UserAsOfParts;

const Query = z.strictObject({ fields, as_of: AsOf.optional() });
type Wanted = z.output<typeof Query>;

const about = {
  tag: 'Users',
  token: 'required',
  query: Query,
  answers: {
    200: { description: 'The person', body: SomeOfUser, example: USER_EXAMPLE, headers: ['ETag'] },
    304: { description: 'Still as the ETag in If-None-Match says', body: null, headers: ['ETag'] },
  },
} as const;

/** The person as they are, by the read model; with `as_of` as they were, by the log. */
const answer = (
  parts: GetUserParts,
  { reader, context }: { readonly reader: Reader; readonly context: RequestContext },
  id: string,
  { fields, as_of: asOf }: Wanted,
) =>
  asOf === undefined
    ? answerUser(parts.readModel, reader, id, fields)
    : answerUserAsOf(parts, { reader, context }, { id, asOf, fields });

const needsOf = ({ as_of: asOf }: Wanted) => ({ needs: asOf === undefined ? 'read-model' : 'log' }) as const;

/** `GET /users/me`. */
export const getMe = (parts: GetUserParts): Endpoint =>
  defineEndpoint({
    ...about,
    operation: 'getMe',
    summary: 'Show who is signed in',
    description: 'The person whose token this is. `as_of` as in `GET /users/{id}`.',
    permission: { who: 'signed-in' },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      ask(parts, context, (caller) => answer(parts, { reader: caller, context }, caller.userId, query), needsOf(query)),
  });

/** `GET /users/{id}`. */
export const getUser = (parts: GetUserParts): Endpoint =>
  defineEndpoint({
    ...about,
    operation: 'getUser',
    summary: 'Show a person',
    description:
      'A person by id. Somebody who may not see them gets the same answer as where nobody is. `as_of` shows them as they ' +
      'were: at a time (RFC 3339), at a position (as in `Projection-Position`), or at a `Consistency-Token`. That is ' +
      'answered from the log: without an ETag, and not while the log is away. An API key needs `audit:read` for it, too.',
    permission: { ...READ_USER, parts: { as_of: READ_HISTORY } },
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params, query }, context) =>
      askAlsoByKey(parts, context, (reader) => answer(parts, { reader, context }, params.id, query), needsOf(query)),
  });
