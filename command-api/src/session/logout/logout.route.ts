import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import {
  defineEndpoint,
  type Answer,
  type Endpoint,
  type Refusal,
  type RequestContext,
} from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import type { RefreshCookie } from '../refresh-cookie.ts';
import type { SessionSenders } from '../session-senders.ts';
import { logout } from './logout.handle.ts';

interface Ports extends LogoutPorts, SafeRetryPorts, AnswerPorts {
  readonly refreshCookie: RefreshCookie;
  readonly sessionSenders: SessionSenders;
}
type LogoutPorts = Parameters<typeof logout>[0];

export const logoutRoute = (ports: Ports): Endpoint =>
  defineEndpoint({
    operation: 'logout',
    tag: 'Sessions',
    summary: 'Sign out',
    description:
      'Ends the session of the access token, or of the refresh token in the body or in the cookie; any may have ' +
      'expired. The cookie is forgotten.',
    token: 'ignored',
    permission: { who: 'holder', of: 'any-token' },
    body: z.strictObject({ refresh_token: field.token.optional() }).optional(),
    example: {},
    answers: { 204: { description: 'The session has ended.', body: null, headers: ['Set-Cookie'] } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    countsTo: ({ body }, context) => ports.sessionSenders.ofLogout(body?.refresh_token, context),
    handle: ({ body }, context) => handle(ports, body?.refresh_token ?? null, context),
  });

const handle = async (
  ports: Ports,
  inBody: string | null,
  context: RequestContext,
): Promise<Answer | Rejection | Refusal> => {
  const { refreshCookie } = ports;
  if (inBody !== null) return refreshCookie.isIn(context) ? tokenTwice : end(ports, context, 'refresh', inBody);
  // Whoever shows the access token needs no cookie; what a foreign page sends along of one is not looked at.
  const cookie = context.bearer === null || refreshCookie.mayRead(context) ? refreshCookie.read(context) : null;
  const access = context.bearer === null ? null : await end(ports, context, 'access', context.bearer);
  if (cookie === null) return access ?? reject('token_missing');
  const byCookie = isRejection(cookie) ? cookie : await end(ports, context, 'refresh', cookie.token);
  if (!isRejection(byCookie)) return { ...byCookie, headers: { ...byCookie.headers, ...refreshCookie.forgotten } };
  if (access === null || isRejection(access)) return refreshCookie.refused(byCookie);
  return { ...access, headers: { ...access.headers, ...refreshCookie.forgotten } };
};

const tokenTwice = reject('invalid_input', {
  details: [{ field: 'refresh_token', code: 'one_of', message: 'give it in the body or in the cookie, not in both' }],
});

const end = async (
  ports: Ports,
  context: RequestContext,
  kind: 'access' | 'refresh',
  value: string,
): Promise<Answer | Rejection> => {
  const result = await logout(ports, commandOf(ports, context, null), { kind, value });
  if (isRejection(result)) return result;
  ports.sessionSenders.noteOver(result.sessionId);
  const { events } = await ports.log.read(sessionStream(result.sessionId), { direction: 'backwards', limit: 1 });
  const last = events[0];
  return { status: 204, headers: last ? await consistencyHeader(ports, last) : {} };
};
