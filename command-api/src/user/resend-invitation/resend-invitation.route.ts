import { Accepted } from '@rollbook/shared/contracts/accepted';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { readPerson } from '../../command/read-person.ts';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { refuseInviter, RESEND_INVITATION } from './resend-invitation.decide.ts';
import { resendInvitation, type ResendInvitationPorts } from './resend-invitation.handle.ts';

export interface ResendInvitationRoute extends ResendInvitationPorts, SafeRetryPorts, AnswerPorts {
  readonly portals: ReadonlySet<string>;
}

const ACCEPTED = { status: 'accepted', message: 'The invitation is on its way.' } as const;

export const resendInvitationRoute = (ports: ResendInvitationRoute): Endpoint =>
  defineEndpoint({
    operation: 'resendInvitation',
    tag: 'Users',
    summary: 'Invite a person again',
    description: 'For an account without a password. The link of the older invitation is worth nothing from then on.',
    token: 'required',
    permission: RESEND_INVITATION,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    body: z.strictObject({ portal: field.portal(ports.portals).nullish() }).optional(),
    example: {},
    answers: { 202: { description: 'The invitation will be mailed.', body: Accepted } },
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
    handle: async ({ params, body }, context) => {
      const wanted = { userId: params.id, portal: body?.portal ?? null };
      return runAsCaller(ports, context, {
        mayRepeat: async (caller) => refuseInviter(caller, (await readPerson(ports.log, params.id)).person),
        execute: async (command) => {
          const effect = await resendInvitation(ports, command, wanted);
          if (isRejection(effect)) return effect;
          const headers = await consistencyHeader(ports, effect.last);
          return { answer: { status: 202, body: ACCEPTED, headers }, subject: params.id };
        },
      });
    },
  });
