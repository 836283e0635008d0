import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { runSafely, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
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
    handle: async (_input, context) => {
      const caller = await ports.authority.look(context.bearer);
      if (isRejection(caller)) return caller;
      return runSafely(ports, {
        context,
        caller: caller.userId,
        authorize: async () => {
          const now = await ports.authority.check(context.bearer);
          return isRejection(now) ? now : null;
        },
        execute: async (command) => {
          const event = await logoutEverywhere(ports, command, caller.userId);
          if (isRejection(event)) return event;
          return { answer: { status: 204, headers: await consistencyHeader(ports, event) }, subject: caller.userId };
        },
      });
    },
  });
