import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { rejectRegistration, type RejectPorts } from './reject-registration.handle.ts';

export const rejectRegistrationRoute = (ports: RejectPorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'rejectRegistration',
    tag: 'Registration',
    summary: 'Reject a registration ("this was not me")',
    description: 'Spends the second link of a verification mail: erases the pending account at once.',
    token: 'ignored',
    permission: { who: 'holder', of: 'link' },
    body: z.strictObject({ token: field.token }),
    example: { token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImwxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl' },
    answers: { 204: { description: 'The pending account is erased.', body: null } },
    errors: ['VALIDATION_ERROR', 'PRECONDITION_FAILED', 'SERVICE_UNAVAILABLE'],
    // No answer is stored: it would be sealed under the key that this very command destroys. The log finds a repeat.
    handle: async ({ body }, context) => {
      const done = await rejectRegistration(ports, commandOf(ports, context, null), body.token);
      if (isRejection(done)) return done;
      return { status: 204, headers: await consistencyHeader(ports, done) };
    },
  });
