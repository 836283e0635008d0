import { isRejection } from '@rollbook/shared/contracts/rejections';
import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { userAnswer, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { runSafely, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { verifyEmail, type LinkPorts } from './verify-email.handle.ts';

export const verifyEmailRoute = (ports: LinkPorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'verifyEmail',
    tag: 'Registration',
    summary: 'Verify an email address',
    description: 'Spends the link of a verification mail. A pending account becomes active.',
    token: 'ignored',
    permission: { who: 'holder', of: 'link' },
    body: z.strictObject({ token: field.token }),
    example: { token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImwxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl' },
    answers: { 200: { description: 'The person, verified.', body: UserResource, headers: ['ETag'] } },
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'CONFLICT', 'PRECONDITION_FAILED', 'SERVICE_UNAVAILABLE'],
    handle: ({ body }, context) =>
      runSafely(ports, {
        context,
        caller: null,
        authorize: () => Promise.resolve(null),
        execute: async (command) => {
          const effect = await verifyEmail(ports, command, body.token);
          if (isRejection(effect)) return effect;
          return { answer: await userAnswer(ports, 200, effect), subject: effect.person.id ?? '' };
        },
      }),
  });
