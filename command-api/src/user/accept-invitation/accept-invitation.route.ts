import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { userAnswer, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { passwordFaults, type PasswordPolicy } from '../../password/password-policy.ts';
import { setPasswordByLink, type SetByLinkPorts } from '../../password/set-by-link.handle.ts';
import { runSafely, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { decideAcceptInvitation } from './accept-invitation.decide.ts';

export interface AcceptInvitationRoute extends SetByLinkPorts, SafeRetryPorts, AnswerPorts {
  readonly passwordPolicy: PasswordPolicy;
}

export const acceptInvitationRoute = (ports: AcceptInvitationRoute): Endpoint =>
  defineEndpoint({
    operation: 'acceptInvitation',
    tag: 'Passwords',
    summary: 'Accept an invitation',
    description: 'Sets the first password of an account that staff made, and proves its address.',
    token: 'ignored',
    permission: { who: 'holder', of: 'link' },
    body: z.strictObject({ token: field.token, password: z.string() }),
    example: {
      token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImwxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl',
      password: 'Correct-Horse-7',
    },
    answers: { 200: { description: 'The person, who can sign in now.', body: UserResource, headers: ['ETag'] } },
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'CONFLICT', 'PRECONDITION_FAILED', 'SERVICE_UNAVAILABLE'],
    handle: async ({ body: { token, password } }, context) => {
      const details = passwordFaults(password, ports.passwordPolicy);
      if (details.length > 0) return reject('invalid_input', { details });
      const wanted = { purpose: 'accept-invitation', token, password, decide: decideAcceptInvitation } as const;
      return runSafely(ports, {
        context,
        caller: null,
        authorize: () => Promise.resolve(null),
        execute: async (command) => {
          const effect = await setPasswordByLink(ports, command, wanted);
          if (isRejection(effect)) return effect;
          return { answer: await userAnswer(ports, 200, effect), subject: effect.person.id ?? '' };
        },
      });
    },
  });
