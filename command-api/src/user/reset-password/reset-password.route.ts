import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import type { CredentialLimits } from '../../credential-limits/credential-limits.ts';
import * as field from '../../input/fields.ts';
import { passwordFaults, type PasswordPolicy } from '../../password/password-policy.ts';
import { setPasswordByLink, type SetByLinkPorts } from '../../password/set-by-link.handle.ts';
import { runSafely, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { decideResetPassword } from './reset-password.decide.ts';

export interface ResetPasswordRoute extends SetByLinkPorts, SafeRetryPorts, AnswerPorts {
  readonly passwordPolicy: PasswordPolicy;
  readonly limits: CredentialLimits;
}

export const resetPasswordRoute = (ports: ResetPasswordRoute): Endpoint =>
  defineEndpoint({
    operation: 'resetPassword',
    tag: 'Passwords',
    summary: 'Set a new password by the link of a mail',
    description:
      'Proves the mailbox: the address is verified, a pending account becomes active and loses what its registrant ' +
      'wrote into it but the username. Ends every session.',
    token: 'ignored',
    permission: { who: 'holder', of: 'link' },
    body: z.strictObject({ token: field.token, new_password: z.string() }),
    example: {
      token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImwxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl',
      new_password: 'Battery-Staple-9',
    },
    answers: { 204: { description: 'The password is set. Sign in with it.', body: null } },
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'CONFLICT', 'PRECONDITION_FAILED', 'SERVICE_UNAVAILABLE'],
    handle: async ({ body }, context) => {
      const details = passwordFaults(body.new_password, ports.passwordPolicy, 'new_password');
      if (details.length > 0) return reject('invalid_input', { details });
      const wanted = { purpose: 'reset-password', token: body.token, password: body.new_password } as const;
      return runSafely(ports, {
        context,
        caller: null,
        authorize: () => Promise.resolve(null),
        execute: async (command) => {
          const effect = await setPasswordByLink(ports, command, { ...wanted, decide: decideResetPassword });
          if (isRejection(effect)) return effect;
          // Best effort: most counts end by themselves, and a newer reset tries again.
          await ports.limits.clear(effect.person.id ?? '').catch(() => undefined);
          const headers = await consistencyHeader(ports, effect.last);
          return { answer: { status: 204, headers }, subject: effect.person.id ?? '' };
        },
      });
    },
  });
