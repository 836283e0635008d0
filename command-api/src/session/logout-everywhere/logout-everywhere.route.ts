import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { logoutEverywhere, type LogoutEverywherePorts } from './logout-everywhere.handle.ts';

export const logoutEverywhereRoute = (ports: LogoutEverywherePorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'logoutEverywhere',
    tag: 'Sessions',
    summary: 'Sign out everywhere',
    description: 'Ends every session of the caller, this one included.',
    token: 'required',
    permission: { who: 'signed-in' },
    answers: { 204: { description: 'Every session has ended.', body: null } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT', 'PRECONDITION_FAILED', 'SERVICE_UNAVAILABLE'],
    handle: (_input, context) => {
      return runAsCaller(ports, context, {
        execute: async (command, caller) => {
          const event = await logoutEverywhere(ports, command, caller.userId);
          if (isRejection(event)) return event;
          return { answer: { status: 204, headers: await consistencyHeader(ports, event) }, subject: caller.userId };
        },
      });
    },
  });
