import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority } from '@rollbook/shared/person/authority';
import type { Command } from '../command/command.ts';
import type { Effect } from '../command/own-events.ts';
import { readPerson } from '../command/read-person.ts';
import type { AnswerPorts } from '../command/user-answer.ts';
import { runAsCaller } from '../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../safe-retry/run-safely.ts';
import { refusePictureChange } from './change-picture.decide.ts';

export interface ChangePictureParts extends SafeRetryPorts, AnswerPorts {
  readonly authority: Authority;
}

interface PictureRequest {
  readonly userId: string;
  readonly execute: (command: Command) => Promise<Effect | Rejection>;
  readonly answer: (effect: Effect) => Promise<Answer>;
}

/** Both commands on a picture: who asks, safe retry, and the permission again before an answer is repeated. */
export const answerPictureChange = (
  ports: ChangePictureParts,
  context: RequestContext,
  { userId, execute, answer }: PictureRequest,
): Promise<Answer | Rejection> =>
  runAsCaller(ports, context, {
    mayRepeat: async (caller) => refusePictureChange(caller, (await readPerson(ports.log, userId)).person),
    execute: async (command) => {
      const effect = await execute(command);
      return isRejection(effect) ? effect : { answer: await answer(effect), subject: userId };
    },
  });
