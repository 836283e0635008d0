import { z } from 'zod';
import { API_KEY_EXAMPLE, API_KEY_STATUSES, ApiKeyResource } from '@rollbook/shared/contracts/api-key-resource';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import { ask, type QueryParts } from '../read-model/ask.ts';
import { PageParameters, pageRequestOf, PAGE_EXAMPLE, Pagination, paginationOf } from '../read-model/paging.ts';
import { projectionHeaders } from '../read-model/read-model.ts';
import { selectApiKeys, toApiKey, type FoundApiKeys } from './select-api-keys.ts';

const Parameters = PageParameters.extend({ status: z.enum(API_KEY_STATUSES).optional() });
const ApiKeyList = z.strictObject({ data: z.array(ApiKeyResource), pagination: Pagination });
const EXAMPLE = { data: [API_KEY_EXAMPLE], pagination: PAGE_EXAMPLE };

/** `GET /api-keys`. `readModel` is the read model of API keys. */
export const listApiKeys = (parts: QueryParts & { readonly clock: Clock }): Endpoint =>
  defineEndpoint({
    operation: 'listApiKeys',
    tag: 'API keys',
    summary: 'List the API keys of other services',
    description: 'The newest first, with the ones that have ended. The keys themselves are shown by nobody.',
    token: 'required',
    permission: { who: 'permitted', may: 'manage_api_keys' },
    query: Parameters,
    answers: { 200: { description: 'The page', body: ApiKeyList, example: EXAMPLE } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: ({ query: { status, ...page } }, context) =>
      ask(parts, context, async () => {
        const request = pageRequestOf(page);
        if (isRejection(request)) return request;
        const wanted = { status: status ?? null, now: toInstant(parts.clock.now()), ...request };
        const snapshot = await parts.readModel.read<FoundApiKeys>(selectApiKeys(wanted));
        const { found } = snapshot;
        const data = found.rows.slice(0, request.pageSize).map(toApiKey);
        const body = { data, pagination: paginationOf(request, found) };
        return { status: 200, body, headers: projectionHeaders(snapshot) };
      }),
  });
