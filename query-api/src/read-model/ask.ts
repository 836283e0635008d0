import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, Refusal, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority, Caller } from '@rollbook/shared/person/authority';
import type { UserDirectory } from './user-directory.ts';

/** What every query needs. */
export interface QueryParts {
  readonly authority: Authority;
  readonly directory: UserDirectory;
}

/**
 * Answers a query for whoever asks it: the caller as the log knows them now, the read model as far as their
 * `Consistency-Token` wants it. Waiting takes time in which a session may end, so the caller is looked at again.
 */
export const ask = async (
  { authority, directory }: QueryParts,
  context: RequestContext,
  answer: (caller: Caller) => Promise<Answer | Rejection | Refusal>,
): Promise<Answer | Rejection | Refusal> => {
  const before = await authority.check(context.bearer);
  if (isRejection(before)) return before;
  const reached = await directory.reach(context.consistencyToken);
  if (isRejection(reached)) return reached;
  const caller = reached.waited ? await authority.check(context.bearer) : before;
  return isRejection(caller) ? caller : answer(caller);
};
