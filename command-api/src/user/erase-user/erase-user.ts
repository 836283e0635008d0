import { holds } from '@rollbook/shared/contracts/permissions';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority } from '@rollbook/shared/person/authority';
import { consistencyHeader, type AnswerPorts } from '../../command/user-answer.ts';
import { runAsCaller } from '../../safe-retry/run-as-caller.ts';
import type { SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { ERASE_USER } from './erase-user.decide.ts';
import { eraseUser } from './erase-user.handle.ts';
import type { FinishErasurePorts } from './finish-erasure.handle.ts';

export interface ErasePorts extends FinishErasurePorts, SafeRetryPorts, AnswerPorts {
  readonly authority: Authority;
}

/** `DELETE /users/{id}?soft_delete=false`: who asks, safe retry, and where the receipt is. */
export const erasePermanently = (
  ports: ErasePorts,
  context: RequestContext,
  userId: string,
): Promise<Answer | Rejection> =>
  runAsCaller(ports, context, {
    mayRepeat: (caller) => (holds(caller.role, ERASE_USER.may) ? null : reject('forbidden')),
    execute: async (command, caller) => {
      const receipt = await eraseUser(ports, command, userId, () => ports.authority.check(context.bearer));
      if (isRejection(receipt)) return receipt;
      const headers = { Location: `/v1/erasures/${userId}`, ...(await consistencyHeader(ports, receipt)) };
      // The answer says nothing of the person; it is kept under the key of whoever asked, since theirs is gone.
      return { answer: { status: 204, headers }, subject: caller.userId };
    },
  });
