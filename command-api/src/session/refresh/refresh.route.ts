import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import type { TokenSigner } from '@rollbook/shared/tokens/access-tokens';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import type { RefreshCookie } from '../refresh-cookie.ts';
import type { SessionSenders } from '../session-senders.ts';
import { TokenAnswer } from '../token-answer.schema.ts';
import { lastLogin, tokensAnswer, type TokenLives } from '../tokens-answer.ts';
import { refresh, type RefreshPorts } from './refresh.handle.ts';

export interface RefreshRoute extends RefreshPorts, SafeRetryPorts, AnswerPorts {
  readonly signer: TokenSigner;
  readonly lives: TokenLives;
  readonly refreshCookie: RefreshCookie;
  readonly sessionSenders: SessionSenders;
}

export const refreshRoute = (ports: RefreshRoute): Endpoint =>
  defineEndpoint({
    operation: 'refresh',
    tag: 'Sessions',
    summary: 'Trade a refresh token for new tokens',
    description:
      'A refresh token works once. Used again within the grace it is 409; later, or when it is older than the last one ' +
      'used, the session ends. The token stands in the body, or in the cookie that a sign-in set.',
    token: 'ignored',
    permission: { who: 'holder', of: 'refresh-token' },
    body: z.strictObject({ refresh_token: field.token.optional() }).optional(),
    example: { refresh_token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImwxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl' },
    answers: { 200: { description: 'New tokens.', body: TokenAnswer, headers: ['Set-Cookie'] } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT', 'SERVICE_UNAVAILABLE'],
    countsTo: ({ body }, context) => ports.sessionSenders.ofRefresh(body?.refresh_token, context),
    // The log alone finds a repeat: an answer that hands out tokens is repeated only within the grace.
    handle: async ({ body }, context) => {
      const { refreshCookie } = ports;
      const inBody = body?.refresh_token;
      if (inBody !== undefined) return refreshCookie.isIn(context) ? tokenTwice : handle(ports, context, inBody);
      const cookie = refreshCookie.read(context);
      if (cookie === null) return tokenMissing;
      if (isRejection(cookie)) return refreshCookie.refused(cookie);
      const answer = await handle(ports, context, cookie.token);
      return isRejection(answer) ? refreshCookie.refused(answer) : refreshCookie.carry(answer);
    },
  });

const refused = (code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field: 'refresh_token', code, message }] });
const tokenMissing = refused('required', 'is required');
/** One of the two may be another session's: nobody guesses which was meant. */
const tokenTwice = refused('one_of', 'give it in the body or in the cookie, not in both');

const handle = async (ports: RefreshRoute, context: RequestContext, token: string) => {
  // The command is the token's, wherever it stood: another token is another command.
  const command = commandOf(ports, { ...context, rawBody: { refresh_token: token } }, null);
  const result = await refresh(ports, command, token);
  if (isRejection(result)) {
    ports.sessionSenders.noteRefresh(token, result);
    return result;
  }
  const { session, person, event } = result;
  if (!person.view) return reject('refresh_session_ended');
  const user = { ...person.view.user, last_login: await lastLogin(ports.log, session.userId, event.recordedAt) };
  return {
    status: 200,
    body: tokensAnswer(ports.signer, ports.lives, session, person, user),
    headers: await consistencyHeader(ports, event),
  };
};
