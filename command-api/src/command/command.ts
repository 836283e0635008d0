import type { Actor, Origin } from '@rollbook/shared/event-log/event';
import type { WriteContext } from '@rollbook/shared/event-log/event-log';
import { derivedUuid } from '@rollbook/shared/kernel/digest';

/** How long a keyed command is recognised as the same, ms. */
export const KEY_LIFETIME = 24 * 60 * 60 * 1_000;

/** One request to change something, with all that its executions share. */
export interface Command {
  /** The command's id for an attempt. Every execution of the same command gets the same ids. */
  idOf(attempt: number): string;
  /** True when the caller sent an `Idempotency-Key`: then the command may have been executed before. */
  readonly keyed: boolean;
  /** How long (ms) an effect in the log still counts as this command's; Infinity for commands of the system. */
  readonly lifetime: number;
  readonly ifMatch: string | null;
  /** The access token as sent; looked at again in every round of the decision. */
  readonly bearer: string | null;
  readonly requestId: string;
  readonly correlationId: string;
  readonly origin: Origin | null;
}

/** What the events of one attempt carry. */
export const writeContext = (command: Command, commandId: string, actor: Actor): WriteContext => ({
  actor,
  origin: command.origin,
  requestId: command.requestId,
  correlationId: command.correlationId,
  causationId: null,
  commandId,
});

export const ANONYMOUS: Actor = { kind: 'anonymous', id: null };
export const SYSTEM: Actor = { kind: 'system', id: null };
export const personActor = (userId: string): Actor => ({ kind: 'person', id: userId });

/** The id of the person that an attempt creates. */
export const personIdOf = (commandId: string): string => derivedUuid('person', commandId);
