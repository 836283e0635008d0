import { API_KEY_EXAMPLE, ApiKeyResource } from '@rollbook/shared/contracts/api-key-resource';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { formatUserEtag } from '@rollbook/shared/http/etag';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority } from '@rollbook/shared/person/authority';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { createApiKeyBody } from './create-api-key.body.ts';
import { MANAGE_API_KEYS, refuseKeyManager, type WantedApiKey } from './create-api-key.decide.ts';
import { createApiKey, type CreateApiKeyPorts, type CreatedApiKey } from './create-api-key.handle.ts';

type Ports = CreateApiKeyPorts & SafeRetryPorts & AnswerPorts & { readonly authority: Authority };

const EXAMPLE = {
  name: 'billing',
  scopes: ['users:read'],
  rate_limit_per_hour: 5_000,
  expires_at: '2030-01-01T00:00:00Z',
};

/** `key`: shown once; null when an `Idempotency-Key` is sent again. */
const NewApiKey = z.strictObject({ ...ApiKeyResource.shape, key: z.string().nullable() }).meta({
  id: 'NewApiKey',
  example: { ...API_KEY_EXAMPLE, key: 'rbk_2b8f6d1c0c534f0e8f4e6f0b1f6c9a77_c2VjcmV0' },
});

export const createApiKeyRoute = (ports: Ports): Endpoint =>
  defineEndpoint({
    operation: 'createApiKey',
    tag: 'API keys',
    summary: 'Make an API key for another service',
    description:
      'The key is shown in this answer only; a repeat with the same `Idempotency-Key` shows `key: null`. It is sent as ' +
      '`Authorization: Bearer`, opens what its scopes say, and gives no command.',
    token: 'required',
    permission: MANAGE_API_KEYS,
    body: createApiKeyBody,
    example: EXAMPLE,
    answers: {
      201: {
        description: 'The key. `Location` names it for its revocation.',
        body: NewApiKey,
        headers: ['ETag', 'Location'],
      },
    },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ body }, context) =>
      handle(ports, context, {
        name: body.name,
        scopes: body.scopes,
        rateLimitPerHour: body.rate_limit_per_hour ?? null,
        expiresAt: body.expires_at ?? null,
      }),
  });

const handle = (ports: Ports, context: RequestContext, wanted: WantedApiKey): Promise<Answer | Rejection> =>
  runAsCaller(ports, context, {
    mayBegin: refuseKeyManager,
    mayRepeat: refuseKeyManager,
    execute: async (command, caller) => {
      const created = await createApiKey(ports, command, wanted);
      if (isRejection(created)) return created;
      const headers = {
        ETag: formatUserEtag(created.apiKey.revision),
        Location: `/v1/api-keys/${created.apiKey.id}`,
        ...(await consistencyHeader(ports, created.last)),
      };
      const repeat = { status: 201, body: bodyOf(created), headers };
      const answer = { ...repeat, body: { ...repeat.body, key: created.text } };
      return { answer, repeat, subject: caller.userId };
    },
  });

const bodyOf = ({ apiKey }: CreatedApiKey): z.output<typeof NewApiKey> => ({
  id: apiKey.id,
  name: apiKey.name,
  scopes: [...apiKey.scopes],
  rate_limit_per_hour: apiKey.rateLimitPerHour,
  status: 'active',
  created_at: apiKey.createdAt,
  created_by: apiKey.createdBy,
  expires_at: apiKey.expiresAt,
  revoked_at: null,
  last_used_at: null,
  key: null,
});
