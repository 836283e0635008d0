import { z } from 'zod';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { ask, askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { fields, SomeOfUser } from '../read-model/fields.ts';
import { answerUser } from './answer-user.ts';
import { READ_USER } from './who-may-see.ts';

const about = {
  tag: 'users',
  token: 'required',
  answers: {
    200: { description: 'The person', body: SomeOfUser },
    304: { description: 'Still as the ETag in If-None-Match says', body: null },
  },
} as const;

/** `GET /users/me`. */
export const getMe = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    ...about,
    operation: 'getMe',
    summary: 'Show who is signed in',
    description: 'The person whose token this is.',
    permission: { who: 'signed-in' },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    query: z.strictObject({ fields }),
    handle: ({ query }, context) =>
      ask(parts, context, (caller) => answerUser(parts.directory, caller, caller.userId, query.fields)),
  });

/** `GET /users/{id}`. */
export const getUser = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    ...about,
    operation: 'getUser',
    summary: 'Show a person',
    description: 'A person by id. Somebody who may not see them gets the same answer as where nobody is.',
    permission: READ_USER,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    query: z.strictObject({ fields }),
    handle: ({ params, query }, context) =>
      askAlsoByKey(parts, context, (reader) => answerUser(parts.directory, reader, params.id, query.fields)),
  });
