import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import * as field from '../../input/fields.ts';
import { changeUser, type ChangeUserPorts } from './change-user.ts';
import { CHANGE_USER } from './update-user.decide.ts';
import { updateUserBody, wantedUser } from './update-user.body.ts';

export const updateUserRoute = (ports: ChangeUserPorts): Endpoint =>
  defineEndpoint({
    operation: 'updateUser',
    tag: 'Users',
    summary: 'Change a person',
    description:
      'A JSON merge patch. `is_active` deactivates and reactivates. Changing the own `email` needs `current_password` ' +
      'and stays `pending_email` until confirmed. A value equal to the stored one is no change.',
    token: 'required',
    permission: CHANGE_USER,
    params: field.userId,
    body: updateUserBody(ports.portals),
    alsoAccepts: ['application/merge-patch+json'],
    example: { phone: '+1-555-7777', is_active: false },
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
        wanted: wantedUser(body, 'merge'),
        currentPassword: body.current_password ?? null,
        portal: body.portal ?? null,
      }),
  });
