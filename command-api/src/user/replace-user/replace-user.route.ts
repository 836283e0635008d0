import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import * as field from '../../input/fields.ts';
import { changeUser, type ChangeUserPorts } from '../update-user/change-user.ts';
import { CHANGE_USER } from '../update-user/update-user.decide.ts';
import { replaceUserBody, wantedUser } from '../update-user/update-user.body.ts';

export const replaceUserRoute = (ports: ChangeUserPorts): Endpoint =>
  defineEndpoint({
    operation: 'replaceUser',
    tag: 'Users',
    summary: 'Replace a person',
    description: 'All seven fields must be present. `name` and `preferences` keep their value when left out.',
    token: 'required',
    permission: CHANGE_USER,
    params: field.userId,
    body: replaceUserBody(ports.portals),
    example: {
      username: 'john_doe_updated',
      email: 'john.updated@example.com',
      first_name: 'John',
      last_name: 'Doe-Smith',
      phone: '+1-555-9999',
      role: 'admin',
      is_active: true,
    },
    answers: { 200: { description: 'The person after the change.', body: UserResource, headers: ['ETag'] } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'LAST_ADMIN',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'RATE_LIMIT_EXCEEDED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ params, body }, context) =>
      changeUser(ports, context, {
        userId: params.id,
        wanted: wantedUser(body, 'whole'),
        currentPassword: body.current_password ?? null,
        portal: body.portal ?? null,
      }),
  });
