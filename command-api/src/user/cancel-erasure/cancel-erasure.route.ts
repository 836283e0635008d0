import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { CANCEL_ERASURE } from './cancel-erasure.decide.ts';
import { cancelErasure, type CancelErasurePorts } from './cancel-erasure.handle.ts';

export const cancelErasureRoute = (ports: CancelErasurePorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'cancelErasure',
    tag: 'Erasure',
    summary: 'Take a request for erasure back',
    description: 'Also a confirmed one, as long as no administrator has decided.',
    token: 'required',
    permission: CANCEL_ERASURE,
    params: field.userId,
    answers: { 204: { description: 'The request is taken back.', body: null } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: async ({ params }, context) => {
      return runAsCaller(ports, context, {
        execute: async (command) => {
          const effect = await cancelErasure(ports, command, params.id);
          if (isRejection(effect)) return effect;
          return { answer: { status: 204, headers: await consistencyHeader(ports, effect.last) }, subject: params.id };
        },
      });
    },
  });
