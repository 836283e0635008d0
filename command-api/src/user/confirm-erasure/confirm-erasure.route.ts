import { Accepted } from '@rollbook/shared/contracts/accepted';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { runSafely, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { confirmErasure, type ConfirmErasurePorts } from './confirm-erasure.handle.ts';

const ACCEPTED = { status: 'accepted', message: 'Your request is confirmed. An administrator decides now.' } as const;

export const confirmErasureRoute = (ports: ConfirmErasurePorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'confirmErasure',
    tag: 'Erasure',
    summary: 'Confirm the request for erasure',
    description: 'Spends the link that was mailed. Nothing is erased yet: an administrator decides.',
    token: 'ignored',
    permission: { who: 'holder', of: 'link' },
    body: z.strictObject({ token: field.token }),
    example: { token: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImwxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl' },
    answers: { 202: { description: 'The request is confirmed.', body: Accepted } },
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'CONFLICT', 'PRECONDITION_FAILED', 'SERVICE_UNAVAILABLE'],
    handle: ({ body }, context) =>
      runSafely(ports, {
        context,
        caller: null,
        authorize: () => Promise.resolve(null),
        execute: async (command) => {
          const effect = await confirmErasure(ports, command, body.token);
          if (isRejection(effect)) return effect;
          const headers = await consistencyHeader(ports, effect.last);
          return { answer: { status: 202, body: ACCEPTED, headers }, subject: effect.person.id ?? '' };
        },
      }),
  });
