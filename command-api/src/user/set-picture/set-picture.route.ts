import { UserResource } from '@rollbook/shared/contracts/user';
import { reject } from '@rollbook/shared/contracts/rejections';
import type { Admission } from '@rollbook/shared/http/admission';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import type { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { userAnswer } from '../../command/user-answer.ts';
import * as field from '../../input/fields.ts';
import { CHANGE_PICTURE } from '../../picture/change-picture.decide.ts';
import { answerPictureChange, type ChangePictureParts } from '../../picture/change-picture.ts';
import { MAX_PICTURE } from '../../picture/picture-encoder.ts';
import { setPicture, type SetPicturePorts } from './set-picture.handle.ts';

export interface SetPictureRoute extends SetPicturePorts, ChangePictureParts {
  readonly authority: ChangePictureParts['authority'];
  readonly pictureAdmission: Admission;
  readonly verifier: TokenVerifier;
}

export const setPictureRoute = (ports: SetPictureRoute): Endpoint =>
  defineEndpoint({
    operation: 'setPicture',
    tag: 'Users',
    summary: 'Set the picture of a person',
    description:
      'A PNG, JPEG or WebP picture as the body, as it is; what it is, its content says. Kept is a WebP of at most ' +
      '512 × 512 pixels, upright, without metadata; of an animation the first frame.',
    token: 'required',
    permission: CHANGE_PICTURE,
    params: field.userId,
    bytes: {
      types: 'image/*',
      limit: MAX_PICTURE,
      admit: (bearer) => ports.pictureAdmission.enter(personOf(ports, bearer)) ?? reject('picture_queue_full'),
    },
    answers: { 200: { description: 'The person with the picture.', body: UserResource, headers: ['ETag'] } },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'PAYLOAD_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'UNPROCESSABLE_ENTITY',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ params, bytes }, context) =>
      answerPictureChange(ports, context, {
        userId: params.id,
        execute: (command) => setPicture(ports, command, { userId: params.id, sent: bytes }),
        answer: (effect) => userAnswer(ports, 200, effect),
      }),
  });

/** Whose place it takes. Who is no person (an API key) gets no further than the first look at the caller. */
const personOf = ({ verifier, clock }: SetPictureRoute, bearer: string | null): string => {
  const read = bearer === null ? null : verifier.access(bearer, clock.now());
  return read?.outcome === 'good' ? read.claims.sub : '';
};
