import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { UserResource } from '@rollbook/shared/contracts/user';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { formatUserEtag } from '@rollbook/shared/http/etag';
import type { Answer } from '@rollbook/shared/http/endpoint';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { lastLogin } from '../session/tokens-answer.ts';
import type { Effect } from './own-events.ts';

export interface AnswerPorts {
  readonly log: EventLog;
  readonly consistency: ConsistencyTokens;
}

/** The header that lets a query include what this event changed. */
export const consistencyHeader = async (
  { log, consistency }: AnswerPorts,
  { position, stream, revision }: Pick<AnyEvent, 'position' | 'stream' | 'revision'>,
): Promise<Record<string, string>> => ({
  'Consistency-Token': consistency.issue({ logId: await log.logId(), position, stream, revision }),
});

/** The person as a command left them, with the headers of a user answer. */
export const userAnswer = async (
  ports: AnswerPorts,
  status: number,
  { person, last }: Effect,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const user = await userOf(ports.log, person.view?.user, last.recordedAt);
  const etag = { ETag: formatUserEtag(person.revision) };
  return { status, body: user, headers: { ...etag, ...(await consistencyHeader(ports, last)), ...headers } };
};

const userOf = async (log: EventLog, user: UserResource | undefined, until: string): Promise<UserResource> => {
  if (!user) throw new StoreUnavailable('The person that a command changed is not in the log');
  return { ...user, last_login: await lastLogin(log, user.id, until) };
};
