import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { MANAGE_API_KEYS } from '../create-api-key/create-api-key.decide.ts';
import { revokeApiKey, type RevokeApiKeyPorts } from './revoke-api-key.handle.ts';

export const revokeApiKeyRoute = (ports: RevokeApiKeyPorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'revokeApiKey',
    tag: 'API keys',
    summary: 'Revoke an API key',
    description: 'For good: it opens nothing from then on, within a second everywhere. Sending it again is harmless.',
    token: 'required',
    permission: MANAGE_API_KEYS,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: { 204: { description: 'The key is revoked.', body: null } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'PRECONDITION_FAILED',
      'SERVICE_UNAVAILABLE',
    ],
    // No answer is stored: a key is revoked in the same way however often it is asked for.
    handle: async ({ params }, context) => {
      const event = await revokeApiKey(ports, commandOf(ports, context, null), params.id);
      return isRejection(event) ? event : { status: 204, headers: await consistencyHeader(ports, event) };
    },
  });
