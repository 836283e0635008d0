import { refuseService } from '@rollbook/shared/api-key/api-keys';
import { refuseCaller } from '@rollbook/shared/contracts/access';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, Refusal, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Caller } from '@rollbook/shared/person/authority';
import { isService, type Needs, type QueryAuthority, type Reader } from './query-authority.ts';
import type { Reached, ReadModel } from './read-model.ts';

/** What every query needs. */
export interface QueryParts {
  readonly authority: QueryAuthority;
  readonly readModel: ReadModel;
}

/** The same, where something else stands in for the read model: what is read from the log has reached its end. */
type AskParts = Pick<QueryParts, 'authority'> & { readonly readModel: Pick<ReadModel, 'reach'> };

type Result = Promise<Answer | Rejection | Refusal>;

interface AskOptions {
  readonly needs?: Needs;
}

/** Whether this reader may not call the endpoint at all. */
export const refuseReader = ({ permission }: RequestContext, reader: Reader): Rejection | null =>
  isService(reader) ? refuseService(permission, reader) : refuseCaller(permission, reader);

/**
 * Answers a query for whoever asks it: the caller as the log knows them now, the read model as far as their
 * `Consistency-Token` wants it. Waiting takes time in which a session or a key may end, so the caller is looked at
 * again. What needs a permission but concerns nobody in particular is refused here; where it concerns a person,
 * `answer` decides. An API key needs the scope that the endpoint declares. A query that `needs` the log is refused
 * (503) while that is away; others go on.
 */
export const askAlsoByKey = async (
  { authority, readModel }: AskParts,
  context: RequestContext,
  answer: (reader: Reader) => Result,
  { needs = 'read-model' }: AskOptions = {},
): Result => {
  const before = await authority.look(context.bearer, needs);
  if (isRejection(before)) return before;
  const refused = refuseReader(context, before);
  if (refused) return refused;
  const reached = await readModel.reach(context.consistencyToken);
  if (isRejection(reached)) return reached;
  const reader = reached.waited ? await authority.look(context.bearer, needs) : before;
  if (isRejection(reader)) return reader;
  const result = refuseReader(context, reader) ?? (await answer(reader));
  return isRejection(result) ? withHeaders(result, reached) : result;
};

/** A refusal says how far the read model was as well, where it was asked. */
const withHeaders = (refusal: Refusal, { headers }: Reached): Refusal =>
  headers ? { ...refusal, headers: { ...headers, ...refusal.headers } } : refusal;

/** As `askAlsoByKey`, for what no API key is told. */
export const ask = (
  parts: AskParts,
  context: RequestContext,
  answer: (caller: Caller) => Result,
  options: AskOptions = {},
): Result =>
  askAlsoByKey(
    parts,
    context,
    (reader) => (isService(reader) ? Promise.resolve(reject('forbidden')) : answer(reader)),
    options,
  );
