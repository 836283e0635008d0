import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import * as field from '../../input/fields.ts';
import { ERASE_USER } from '../erase-user/erase-user.decide.ts';
import { erasePermanently, type ErasePorts } from '../erase-user/erase-user.ts';
import { changeUser, type ChangeUserPorts } from '../update-user/change-user.ts';

const softDelete = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['true', 'false']))
  .transform((text) => text === 'true');

export const deleteUserRoute = (ports: ChangeUserPorts & ErasePorts): Endpoint =>
  defineEndpoint({
    operation: 'deleteUser',
    tag: 'Users',
    summary: 'Deactivate or erase a person',
    description:
      'Reversible: a manager or an administrator sets `is_active` again. Ends the sessions of the person. ' +
      'With `soft_delete=false` the person is erased for good, and `Location` names the receipt.',
    token: 'required',
    permission: {
      who: 'person',
      may: 'change_users',
      over: 'changeable',
      self: 'always',
      parts: { 'soft_delete=false': ERASE_USER },
    },
    params: field.userId,
    query: z.strictObject({ soft_delete: softDelete.optional() }),
    answers: {
      204: {
        description: 'The account is deactivated, or the person erased.',
        body: null,
        headers: ['ETag', 'Location'],
      },
    },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'LAST_ADMIN',
      'PRECONDITION_FAILED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: async ({ params, query }, context) => {
      if (query.soft_delete === false) return erasePermanently(ports, context, params.id);
      const wanted = { isActive: false, evenIfEqual: true } as const;
      const update = { userId: params.id, wanted, currentPassword: null, portal: null };
      const answer = await changeUser(ports, context, update);
      return isRejection(answer) ? answer : { status: 204, headers: answer.headers ?? {} };
    },
  });
