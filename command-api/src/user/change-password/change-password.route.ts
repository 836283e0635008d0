import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { passwordFaults, type PasswordPolicy } from '../../password/password-policy.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { changePassword, type ChangePasswordPorts } from './change-password.handle.ts';

export interface ChangePasswordRoute extends ChangePasswordPorts, SafeRetryPorts, AnswerPorts {
  readonly passwordPolicy: PasswordPolicy;
}

export const changePasswordRoute = (ports: ChangePasswordRoute): Endpoint =>
  defineEndpoint({
    operation: 'changePassword',
    tag: 'Passwords',
    summary: 'Change the own password',
    description: 'Needs the current password. Ends every other session of the person; a mail tells them.',
    token: 'required',
    permission: { who: 'signed-in' },
    body: z.strictObject({ current_password: field.presentedPassword, new_password: z.string() }),
    example: { current_password: 'Correct-Horse-7', new_password: 'Battery-Staple-9' },
    answers: { 204: { description: 'The password is changed.', body: null } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'RATE_LIMIT_EXCEEDED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ body }, context) => {
      const details = passwordFaults(body.new_password, ports.passwordPolicy, 'new_password');
      const wanted = { currentPassword: body.current_password, newPassword: body.new_password };
      return runAsCaller(ports, context, {
        mayBegin: () => (details.length > 0 ? reject('invalid_input', { details }) : null),
        execute: async (command, caller) => {
          const effect = await changePassword(ports, command, wanted);
          if (isRejection(effect)) return effect;
          const headers = await consistencyHeader(ports, effect.last);
          return { answer: { status: 204, headers }, subject: caller.userId };
        },
      });
    },
  });
