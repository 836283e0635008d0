import { Accepted } from '@rollbook/shared/contracts/accepted';
import { REDRIVABLE } from '@rollbook/shared/contracts/events/operations-events';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import type { Authority } from '@rollbook/shared/person/authority';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { OPERATE, refuseOperator } from './redrive.decide.ts';
import { redrive, type RedrivePorts } from './redrive.handle.ts';

type Ports = RedrivePorts & SafeRetryPorts & AnswerPorts & { readonly authority: Authority };

const Body = z.strictObject({
  what: z.enum(REDRIVABLE, { error: `must be one of ${REDRIVABLE.join(', ')}` }),
  id: z.uuid({ error: 'must be a UUID' }).transform((id) => id.toLowerCase()),
});
const EXAMPLE = { what: 'parked_event', id: '3f0c9a52-6d3e-4f0b-9d0e-2f6f1a2b3c4d' } as const;

const ACCEPTED = { status: 'accepted', message: 'It will be tried again.' } as const;

export const redriveRoute = (ports: Ports): Endpoint =>
  defineEndpoint({
    operation: 'redrive',
    tag: 'Operations',
    summary: 'Try again what stopped',
    description:
      '`parked_event`: a read model applies the parked events of that person again, in the order of the log. ' +
      '`dead_letter`: the mailer tries the mails of that event again, where they are still worth sending. ' +
      '`id` is that of the event, as `getOperations` lists it.',
    token: 'required',
    permission: OPERATE,
    body: Body,
    example: EXAMPLE,
    answers: { 202: { description: 'It will be tried again; `getOperations` shows what came of it.', body: Accepted } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'SERVICE_UNAVAILABLE',
    ],
    handle: async ({ body }, context) => {
      return runAsCaller(ports, context, {
        mayBegin: refuseOperator,
        mayRepeat: refuseOperator,
        execute: async (command, caller) => {
          const event = await redrive(ports, command, body);
          if (isRejection(event)) return event;
          const headers = await consistencyHeader(ports, event);
          return { answer: { status: 202, body: ACCEPTED, headers }, subject: caller.userId };
        },
      });
    },
  });
