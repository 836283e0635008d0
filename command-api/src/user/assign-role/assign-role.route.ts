import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { z } from 'zod';
import * as field from '../../input/fields.ts';
import { ASSIGN_ROLE } from '../update-user/update-user.decide.ts';
import { changeUser, type ChangeUserPorts } from '../update-user/change-user.ts';

export const assignRoleRoute = (ports: ChangeUserPorts): Endpoint =>
  defineEndpoint({
    operation: 'assignRole',
    tag: 'Roles',
    summary: 'Give a person a role',
    description: 'Ends the sessions of the person. The last administrator who can sign in must stay.',
    token: 'required',
    permission: { who: 'person', ...ASSIGN_ROLE },
    params: field.userId,
    body: z.strictObject({ role: field.role }),
    example: { role: 'moderator' },
    answers: { 200: { description: 'The person in the new role.', body: UserResource, headers: ['ETag'] } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'LAST_ADMIN',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ params, body }, context) => {
      const wanted = { role: body.role };
      return changeUser(ports, context, { userId: params.id, wanted, currentPassword: null, portal: null });
    },
  });
