import { z } from 'zod';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { READ_USER } from '../get-user/who-may-see.ts';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { answerPicture, type PictureParts } from './answer-picture.ts';

/** `GET /users/{id}/picture`. */
export const getPicture = (parts: QueryParts & PictureParts): Endpoint =>
  defineEndpoint({
    operation: 'getPicture',
    tag: 'Users',
    summary: 'Show the picture of a person',
    description:
      'At most 512 × 512 pixels. Ask again with the ETag in `If-None-Match`: 304 while it is the same. A browser reads ' +
      'it by `fetch`, since a token never stands in a URL.',
    token: 'required',
    permission: READ_USER,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: {
      200: { description: 'The picture', body: null, type: 'image/webp', headers: ['ETag', 'Content-Disposition'] },
      304: { description: 'Still the one of the ETag in If-None-Match', body: null, headers: ['ETag'] },
    },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params }, context) =>
      askAlsoByKey(parts, context, (reader) =>
        answerPicture(parts, reader, { id: params.id, ifNoneMatch: context.ifNoneMatch }),
      ),
  });
