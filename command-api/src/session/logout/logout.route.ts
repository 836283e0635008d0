import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { logout } from './logout.handle.ts';

type Ports = Parameters<typeof logout>[0] & SafeRetryPorts & AnswerPorts;

export const logoutRoute = (ports: Ports): Endpoint =>
  defineEndpoint({
    operation: 'logout',
    tag: 'Sessions',
    summary: 'Sign out',
    description: 'Ends the session of the access token, or of the refresh token in the body; either may have expired.',
    token: 'ignored',
    permission: { who: 'holder', of: 'any-token' },
    body: z.strictObject({ refresh_token: field.token.optional() }).optional(),
    answers: { 204: { description: 'The session has ended.', body: null } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'SERVICE_UNAVAILABLE'],
    handle: ({ body }, context) => handle(ports, body?.refresh_token ?? null, context),
  });

const handle = async (
  ports: Ports,
  refreshToken: string | null,
  context: RequestContext,
): Promise<Answer | Rejection> => {
  const value = refreshToken ?? context.bearer;
  if (value === null) return reject('token_missing');
  const token = { kind: refreshToken === null ? 'access' : 'refresh', value } as const;
  const result = await logout(ports, commandOf(ports, context, null), token);
  if (isRejection(result)) return result;
  const { events } = await ports.log.read(sessionStream(result.sessionId), { direction: 'backwards', limit: 1 });
  const last = events[0];
  return { status: 204, headers: last ? await consistencyHeader(ports, last) : {} };
};
