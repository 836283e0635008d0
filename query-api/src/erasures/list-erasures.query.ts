import { z } from 'zod';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { ask, type QueryParts } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/read-model.ts';
import { ERASURE_JSON, ERASURE_STATUSES, ERASURE_EXAMPLE, ErasureResource, toErasure } from './erasure.schema.ts';

/** Most that one answer shows. */
const MOST = 1_000;

const SELECT = `select coalesce(jsonb_agg(newest.erasure order by newest.changed_at desc, newest.id), '[]'::jsonb)
  from (select e.id, e.changed_at, ${ERASURE_JSON} as erasure from read_model.erasures e
        where $1::text is null or e.status = $1 order by e.changed_at desc, e.id limit ${String(MOST)}) newest`;

const ErasureList = z.strictObject({ data: z.array(ErasureResource) });

/** `GET /erasures`. */
export const listErasures = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    operation: 'listErasures',
    tag: 'Erasure',
    summary: 'List requests for erasure and erasures',
    description: `What changed last comes first; at most ${String(MOST)}.`,
    token: 'required',
    permission: { who: 'permitted', may: 'read_erasures' },
    query: z.strictObject({ status: z.enum(ERASURE_STATUSES).optional() }),
    answers: { 200: { description: 'The erasures.', body: ErasureList, example: { data: [ERASURE_EXAMPLE] } } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      ask(parts, context, async () => {
        const values = [query.status ?? null];
        const snapshot = await parts.readModel.read<readonly ErasureResource[]>({ text: SELECT, values });
        const data = snapshot.found.map(toErasure);
        return { status: 200, body: { data }, headers: projectionHeaders(snapshot) };
      }),
  });
