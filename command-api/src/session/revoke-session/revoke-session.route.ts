import { sessionStream } from '@rollbook/shared/contracts/streams';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { REVOKE_SESSION } from './revoke-session.decide.ts';
import { revokeSession, type RevokeSessionPorts } from './revoke-session.handle.ts';

const id = z.uuid().transform((text) => text.toLowerCase());

export const revokeSessionRoute = (ports: RevokeSessionPorts & SafeRetryPorts & AnswerPorts): Endpoint =>
  defineEndpoint({
    operation: 'revokeSession',
    tag: 'Sessions',
    summary: 'End a session',
    description: 'Ends one session of a person. Sending it again is harmless.',
    token: 'required',
    permission: REVOKE_SESSION,
    params: z.strictObject({ id, session_id: id }),
    answers: { 204: { description: 'The session has ended.', body: null } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'PRECONDITION_FAILED',
      'SERVICE_UNAVAILABLE',
    ],
    // No answer is stored: the end of a session is the same however often it is asked for.
    handle: async ({ params }, context) => {
      const command = commandOf(ports, context, null);
      const wanted = { userId: params.id, sessionId: params.session_id };
      const done = await revokeSession(ports, command, wanted);
      if (done !== 'done') return done;
      const { events } = await ports.log.read(sessionStream(params.session_id), { direction: 'backwards', limit: 1 });
      return { status: 204, headers: events[0] ? await consistencyHeader(ports, events[0]) : {} };
    },
  });
