import { refuseCaller } from '@rollbook/shared/contracts/access';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, Refusal, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Caller } from '@rollbook/shared/person/authority';
import type { Needs, QueryAuthority } from './query-authority.ts';
import type { UserDirectory } from './user-directory.ts';

/** What every query needs. */
export interface QueryParts {
  readonly authority: QueryAuthority;
  readonly directory: UserDirectory;
}

/**
 * Answers a query for whoever asks it: the caller as the log knows them now, the read model as far as their
 * `Consistency-Token` wants it. Waiting takes time in which a session may end, so the caller is looked at again. What
 * needs a permission but concerns nobody in particular is refused here; where it concerns a person, `answer` decides.
 * A query that `needs` the log is refused (503) while that is away; others go on.
 */
export const ask = async (
  { authority, directory }: QueryParts,
  context: RequestContext,
  answer: (caller: Caller) => Promise<Answer | Rejection | Refusal>,
  { needs = 'read-model' }: { readonly needs?: Needs } = {},
): Promise<Answer | Rejection | Refusal> => {
  const before = await authority.look(context.bearer, needs);
  if (isRejection(before)) return before;
  const refused = refuseCaller(context.permission, before);
  if (refused) return refused;
  const reached = await directory.reach(context.consistencyToken);
  if (isRejection(reached)) return reached;
  const caller = reached.waited ? await authority.look(context.bearer, needs) : before;
  if (isRejection(caller)) return caller;
  return refuseCaller(context.permission, caller) ?? answer(caller);
};
