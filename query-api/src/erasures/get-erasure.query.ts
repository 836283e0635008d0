import { z } from 'zod';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Role } from '@rollbook/shared/contracts/roles';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { ask, type QueryParts } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/user-directory.ts';
import { ERASURE_JSON, ErasureResource, toErasure } from './erasure.schema.ts';

/** That somebody was erased is for administrators and auditors only. */
export const refuseReader = ({ role }: { readonly role: Role }): Rejection | null =>
  role === 'admin' || role === 'auditor' ? null : reject('forbidden');

const SELECT = `select ${ERASURE_JSON} from read_model.erasures e where e.id = $1`;

/** `GET /erasures/{id}`; the id is the person's. */
export const getErasure = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    operation: 'getErasure',
    tag: 'Erasure',
    summary: 'Show an erasure and its receipt',
    description: 'The receipt is signed by a key of `/.well-known/receipt-keys.json`.',
    token: 'required',
    permission: 'Administrators and auditors.',
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: { 200: { description: 'The erasure.', body: ErasureResource } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params }, context) =>
      ask(parts, context, async (caller) => {
        const refused = refuseReader(caller);
        if (refused) return refused;
        const snapshot = await parts.directory.read<ErasureResource | null>({ text: SELECT, values: [params.id] });
        const headers = projectionHeaders(snapshot);
        if (snapshot.found === null) return { ...reject('not_found'), headers };
        return { status: 200, body: toErasure(snapshot.found), headers };
      }),
  });
