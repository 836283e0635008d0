import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { consistencyHeader } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { CHANGE_PICTURE, decideRemovePicture } from '../../picture/change-picture.decide.ts';
import { changePicture, type ChangePicturePorts } from '../../picture/change-picture.handle.ts';
import { answerPictureChange, type ChangePictureParts } from '../../picture/change-picture.ts';

export const removePictureRoute = (ports: ChangePicturePorts & ChangePictureParts): Endpoint =>
  defineEndpoint({
    operation: 'removePicture',
    tag: 'Users',
    summary: 'Remove the picture of a person',
    description: 'Where there is none, nothing changes. The stored picture is deleted within a minute.',
    token: 'required',
    permission: CHANGE_PICTURE,
    params: field.userId,
    answers: { 204: { description: 'There is no picture any more.', body: null } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ params }, context) =>
      answerPictureChange(ports, context, {
        userId: params.id,
        execute: (command) =>
          changePicture(ports, command, {
            userId: params.id,
            decide: (person) => Promise.resolve(decideRemovePicture(person)),
          }),
        answer: async ({ last }) => ({ status: 204, headers: await consistencyHeader(ports, last) }),
      }),
  });
