import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sees } from '@rollbook/shared/contracts/access';
import type { Answer, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority } from '@rollbook/shared/person/authority';
import { userAnswer, type AnswerPorts } from '../../command/user-answer.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { updateUser } from './update-user.handle.ts';
import type { Update, UpdatePorts } from './update.ts';

export interface ChangeUserPorts extends UpdatePorts, SafeRetryPorts, AnswerPorts {
  readonly authority: Authority;
  readonly portals: ReadonlySet<string>;
}

/** Every command that changes a person by their id: who asks, safe retry, and the person as the answer. */
export const changeUser = (
  ports: ChangeUserPorts,
  context: RequestContext,
  update: Update,
): Promise<Answer | Rejection> =>
  runAsCaller(ports, context, {
    mayRepeat: (caller) => (sees(caller, update.userId) ? null : reject('hidden')),
    execute: async (command) => {
      const effect = await updateUser(ports, command, update, () => ports.authority.check(context.bearer));
      if (isRejection(effect)) return effect;
      return { answer: await userAnswer(ports, 200, effect), subject: update.userId };
    },
  });
