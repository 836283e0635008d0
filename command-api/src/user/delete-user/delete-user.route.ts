import { isRejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import * as field from '../../input/fields.ts';
import { changeUser, type ChangeUserPorts } from '../update-user/change-user.ts';

export const deleteUserRoute = (ports: ChangeUserPorts): Endpoint =>
  defineEndpoint({
    operation: 'deleteUser',
    tag: 'Users',
    summary: 'Deactivate a person',
    description: 'Reversible: a manager or an administrator sets `is_active` again. Ends the sessions of the person.',
    token: 'required',
    permission: 'The person; managers for users and moderators; administrators for everybody.',
    params: field.userId,
    answers: { 204: { description: 'The account is deactivated.', body: null } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'LAST_ADMIN',
      'PRECONDITION_FAILED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: async ({ params }, context) => {
      const wanted = { isActive: false };
      const update = { userId: params.id, wanted, currentPassword: null, portal: null };
      const answer = await changeUser(ports, context, update);
      return isRejection(answer) ? answer : { status: 204, headers: answer.headers ?? {} };
    },
  });
