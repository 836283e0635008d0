import type { OperationId } from '@rollbook/shared/contracts/operations';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { AnsweredCommand } from './record-commands.ts';
import { claimsIn, isKept, personsDuring, sessionIsOver, somebodyIsAt } from './state-in-log.ts';

/** What an excuse is looked at by: the whole log, opened, and all that was answered. */
export interface Evidence {
  readonly events: readonly AnyEvent[];
  readonly byRequest: ReadonlyMap<string, readonly AnyEvent[]>;
  readonly commands: readonly AnsweredCommand[];
  /** RATE_LIMIT_CREDENTIALS_PER_HOUR is not 0. */
  readonly isLimited: boolean;
  /** REGISTRATION_DISCLOSURE is private. */
  readonly isPrivate: boolean;
}

/** Why an accepted command may have no event, and how the log itself shows that this is so. */
interface Excuse {
  readonly reason: string;
  readonly operations: readonly OperationId[] | 'all';
  readonly holds: (command: AnsweredCommand, evidence: Evidence) => boolean;
}

const textIn = (body: unknown, name: string): string | null => {
  const value = ((body ?? {}) as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
};

/** The list. Whatever is accepted, leaves no event and is not on it fails the journey. */
export const EXCUSES: readonly Excuse[] = [
  {
    reason: 'a repeat of a command with its key, whose first execution has the event',
    operations: 'all',
    holds: ({ key, operation, url }, { commands, byRequest }) =>
      key !== null &&
      commands.some(
        (other) =>
          other.key === key && other.operation === operation && other.url === url && byRequest.has(other.requestId),
      ),
  },
  {
    reason: 'no change: the person is already what was asked for',
    operations: ['updateUser', 'replaceUser', 'assignRole'],
    holds: (command, { events }) => personsDuring(events, command).some((person) => isKept(person, command.body)),
  },
  {
    reason: 'no change: the account is deactivated or erased already',
    operations: ['deleteUser'],
    holds: (command, { events }) =>
      personsDuring(events, command).some(
        ({ user: { status } }) =>
          status === 'erased' || (status === 'deactivated' && !command.url.includes('soft_delete=false')),
      ),
  },
  {
    reason: 'no change: there is no picture',
    operations: ['removePicture'],
    holds: (command, { events }) => personsDuring(events, command).some(({ picture }) => picture === null),
  },
  {
    reason: 'no change: the picture is this one already',
    operations: ['setPicture'],
    holds: (command, { events, commands, byRequest }) =>
      personsDuring(events, command).some(({ picture }) => picture !== null) &&
      commands.some(
        ({ operation, params, digest, requestId }) =>
          operation === 'setPicture' &&
          params['id'] === command.params['id'] &&
          digest === command.digest &&
          byRequest.has(requestId),
      ),
  },
  {
    reason: 'no change: the session is over',
    operations: ['logout', 'revokeSession'],
    holds: ({ params, bearer, cookie, body }, { events }) => {
      const tokens = [bearer, cookie, textIn(body, 'refresh_token')].flatMap((token) => claimsIn(token) ?? []);
      const ids = params['session_id'] === undefined ? tokens.map(({ sid }) => sid) : [params['session_id']];
      return ids.length > 0 && ids.every((sid) => sessionIsOver(events, sid));
    },
  },
  {
    reason: 'no change: the key is revoked',
    operations: ['revokeApiKey'],
    holds: ({ params }, { events }) =>
      events.some(({ type, stream }) => type === 'ApiKeyRevoked' && stream === `apikey-${String(params['id'])}`),
  },
  {
    reason: '202 for nobody: no account has the address, or the mail is not for one in its state',
    operations: ['requestPasswordReset', 'resendVerification'],
    holds: (command, { events }) => !somebodyIsAt(events, textIn(command.body, 'email'), command),
  },
  {
    reason: '202 beyond the hourly limit of mails',
    operations: ['requestPasswordReset', 'resendVerification', 'registerUser'],
    holds: ({ status }, { isLimited }) => status === 202 && isLimited,
  },
  {
    reason: '202 of a private registration promises no effect',
    operations: ['registerUser'],
    holds: ({ status }, { isPrivate }) => status === 202 && isPrivate,
  },
];

/** The reason for which this accepted command has no event, or null where there is none. */
export const excuseOf = (command: AnsweredCommand, evidence: Evidence): string | null =>
  EXCUSES.find(
    ({ operations, holds }) =>
      (operations === 'all' || operations.includes(command.operation)) && holds(command, evidence),
  )?.reason ?? null;
