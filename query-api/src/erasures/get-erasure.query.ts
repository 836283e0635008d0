import { z } from 'zod';
import { reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { ask, type QueryParts } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/read-model.ts';
import { ERASURE_JSON, ErasureResource, toErasure } from './erasure.schema.ts';

const SELECT = `select ${ERASURE_JSON} from read_model.erasures e where e.id = $1`;

/** `GET /erasures/{id}`; the id is the person's. */
export const getErasure = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    operation: 'getErasure',
    tag: 'Erasure',
    summary: 'Show an erasure and its receipt',
    description: 'The receipt is signed by a key of `/.well-known/receipt-keys.json`.',
    token: 'required',
    permission: { who: 'permitted', may: 'read_erasures' },
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: { 200: { description: 'The erasure.', body: ErasureResource } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params }, context) =>
      ask(parts, context, async () => {
        const snapshot = await parts.readModel.read<ErasureResource | null>({ text: SELECT, values: [params.id] });
        const headers = projectionHeaders(snapshot);
        if (snapshot.found === null) return { ...reject('not_found'), headers };
        return { status: 200, body: toErasure(snapshot.found), headers };
      }),
  });
