import { Accepted } from '@rollbook/shared/contracts/accepted';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { REQUEST_ERASURE } from './request-erasure.decide.ts';
import { requestErasure, type RequestErasurePorts } from './request-erasure.handle.ts';

export interface RequestErasureRoute extends RequestErasurePorts, SafeRetryPorts, AnswerPorts {
  readonly portals: ReadonlySet<string>;
}

const ACCEPTED = { status: 'accepted', message: 'A mail asks you to confirm. An administrator decides then.' } as const;

export const requestErasureRoute = (ports: RequestErasureRoute): Endpoint =>
  defineEndpoint({
    operation: 'requestErasure',
    tag: 'Erasure',
    summary: 'Ask for the own erasure',
    description: 'Needs the current password. A mail asks to confirm; an administrator decides then.',
    token: 'required',
    permission: REQUEST_ERASURE,
    params: field.userId,
    body: z.strictObject({
      current_password: field.presentedPassword,
      portal: field.portal(ports.portals).nullish(),
    }),
    example: { current_password: 'Correct-Horse-7' },
    answers: { 202: { description: 'The request stands; a mail asks to confirm it.', body: Accepted } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'RATE_LIMIT_EXCEEDED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: async ({ params, body }, context) => {
      const wanted = { userId: params.id, currentPassword: body.current_password, portal: body.portal ?? null };
      return runAsCaller(ports, context, {
        execute: async (command) => {
          const effect = await requestErasure(ports, command, wanted);
          if (isRejection(effect)) return effect;
          const headers = await consistencyHeader(ports, effect.last);
          return { answer: { status: 202, body: ACCEPTED, headers }, subject: params.id };
        },
      });
    },
  });
