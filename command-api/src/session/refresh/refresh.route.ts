import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import type { TokenSigner } from '@rollbook/shared/tokens/access-tokens';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { TokenAnswer } from '../token-answer.schema.ts';
import { lastLogin, tokensAnswer, type TokenLives } from '../tokens-answer.ts';
import { refresh, type RefreshPorts } from './refresh.handle.ts';

export interface RefreshRoute extends RefreshPorts, SafeRetryPorts, AnswerPorts {
  readonly signer: TokenSigner;
  readonly lives: TokenLives;
}

export const refreshRoute = (ports: RefreshRoute): Endpoint =>
  defineEndpoint({
    operation: 'refresh',
    tag: 'Sessions',
    summary: 'Trade a refresh token for new tokens',
    description:
      'A refresh token works once. Used again within the grace it is 409; later, or when it is older than the last one ' +
      'used, the session ends.',
    token: 'ignored',
    permission: { who: 'holder', of: 'refresh-token' },
    body: z.strictObject({ refresh_token: field.token }),
    answers: { 200: { description: 'New tokens.', body: TokenAnswer } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'CONFLICT', 'SERVICE_UNAVAILABLE'],
    // The log alone finds a repeat: an answer that hands out tokens is repeated only within the grace.
    handle: async ({ body }, context) => {
      const result = await refresh(ports, commandOf(ports, context, null), body.refresh_token);
      if (isRejection(result)) return result;
      const { session, person, event } = result;
      if (!person.view) return reject('refresh_session_ended');
      const user = { ...person.view.user, last_login: await lastLogin(ports.log, session.userId, event.recordedAt) };
      return {
        status: 200,
        body: tokensAnswer(ports.signer, ports.lives, session, person, user),
        headers: await consistencyHeader(ports, event),
      };
    },
  });
