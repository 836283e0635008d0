import type { DetailParams } from '@rollbook/shared/contracts/detail-codes';
import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import type { Person } from '@rollbook/shared/person/person.state';
import type { TokenSigner } from '@rollbook/shared/tokens/access-tokens';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { rehashPassword } from '../../password/rehash.handle.ts';
import type { RefreshCookie } from '../refresh-cookie.ts';
import { TokenAnswer } from '../token-answer.schema.ts';
import { tokensAnswer, type TokenLives } from '../tokens-answer.ts';
import { login, type Credentials, type LoginPorts } from './login.handle.ts';

export interface LoginRoute extends LoginPorts, SafeRetryPorts, AnswerPorts {
  readonly signer: TokenSigner;
  readonly lives: TokenLives;
  readonly refreshCookie: RefreshCookie;
}

const Body = z
  .strictObject({
    email: z.string().max(1_000).optional(),
    username: z.string().max(1_000).optional(),
    password: field.presentedPassword,
    refresh_transport: z.enum(['body', 'cookie']).optional(),
  })
  .refine((body) => (body.email === undefined) !== (body.username === undefined), {
    path: ['email'],
    error: 'give either email or username',
    params: { code: 'one_of' } satisfies DetailParams,
  });

export const loginRoute = (ports: LoginRoute): Endpoint =>
  defineEndpoint({
    operation: 'login',
    tag: 'Sessions',
    summary: 'Sign in',
    description:
      'By email or username. States other than active are told only after a correct password. With ' +
      '`refresh_transport: cookie` the refresh token goes into a cookie, and is null in the body.',
    token: 'ignored',
    permission: { who: 'anyone' },
    body: Body,
    example: { email: 'ada@example.com', password: 'Correct-Horse-7' },
    answers: { 200: { description: 'Tokens, and the person.', body: TokenAnswer, headers: ['Set-Cookie'] } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'EMAIL_NOT_VERIFIED',
      'ACCOUNT_DEACTIVATED',
      'RATE_LIMIT_EXCEEDED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: async ({ body }, context) => {
      const result = await login(ports, signInCommand(ports, context), { name: nameOf(body), password: body.password });
      if (isRejection(result)) return result;
      const { session, person, signIn } = result;
      if (!person.view) return reject('invalid_credentials');
      const user = { ...person.view.user, last_login: signIn.recordedAt };
      const answer = {
        status: 200,
        body: tokensAnswer(ports.signer, ports.lives, session, person, user),
        headers: await consistencyHeader(ports, signIn),
        ...afterSignIn(ports, context, person, body.password),
      };
      return body.refresh_transport === 'cookie' ? ports.refreshCookie.carry(answer) : answer;
    },
  });

/** A hash that was made under another pepper or cost is made anew, once the answer is out. */
const afterSignIn = (
  ports: LoginRoute,
  context: RequestContext,
  { id, passwordHash }: Person,
  password: string,
): Pick<Answer, 'after'> => {
  if (id === null || passwordHash === null || !ports.hashes.isOutdated(passwordHash)) return {};
  const command = signInCommand(ports, context);
  return { after: () => rehashPassword(ports, command, { userId: id, known: passwordHash, password }) };
};

/** A repeated sign-in is a new sign-in, so its command is never the same as another. */
const signInCommand = (ports: LoginRoute, context: RequestContext): ReturnType<typeof commandOf> =>
  commandOf(ports, { ...context, idempotencyKey: null }, null);

/** What is no address belongs to nobody: the answer is the same as for an unknown one. */
const nameOf = (body: z.output<typeof Body>): Credentials['name'] =>
  body.email === undefined
    ? { kind: 'username', username: body.username ?? '' }
    : { kind: 'email', canonical: canonicalEmail(body.email) ?? `no address: ${body.email}` };
