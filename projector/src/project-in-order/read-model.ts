import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { LogFilter } from '@rollbook/shared/event-log/port';
import type { Client } from '@rollbook/shared/sql/pool';
import type { FollowerId } from '../follow-in-turn/position.ts';

/** Where the live tables of every read model stand. */
export const LIVE_SCHEMA = 'read_model';

/** A shape of the log in tables. The runner decides what it gets, and keeps its rows and its position in step. */
export interface ReadModel extends FollowerId {
  /**
   * Its tables. Its statements name them without a schema: whoever calls sets the connection's search path, to
   * LIVE_SCHEMA or to where a new version is built.
   */
  readonly tables: readonly string[];
  /**
   * Who is let in rests on it. So it parks nothing: without one event it would say of somebody what is no longer so. It
   * stops before that event, is not ready and says so in the log, until a program that can apply it goes on.
   */
  readonly security?: true;
  /** All that can concern it. While it is far behind, nothing else is fetched. */
  readonly filter: LogFilter;
  /** Whose rows the event may change; null: it does not concern this read model. Looks at type and stream only. */
  personOf(event: StoredEvent): string | null;
  /**
   * Brings the events, of any people, in the log's order, into the tables, inside the caller's transaction.
   * Throws CannotApply, or what PostgreSQL says.
   */
  apply(client: Client, events: readonly AnyEvent[]): Promise<void>;
  /**
   * Takes away what is personal of people who are erased further on in the log, from a version that is being built and
   * has not come so far. What comes after must end in the same rows as without it. Left out: nothing is personal.
   */
  forget?(client: Client, people: readonly string[]): Promise<void>;
}

/** The read model's own code failed on an event. */
export class CannotApply extends Error {
  override readonly name = 'CannotApply';
}

/** An event is neither applied nor parked: the read model stands still before it. The message holds no value of it. */
export class CannotGoOn extends Error {
  override readonly name = 'CannotGoOn';
  constructor(readModel: string, { id, type, position }: StoredEvent, reason: string) {
    super(`${readModel} stands still before ${type} ${id} at ${position}: ${reason}`);
  }
}

/** Classes of SQLSTATE that speak about the data, so that a repeat would fail the same way. */
const DATA_FAULT = /^(?:22|23|54)/;

const codeOf = (fault: unknown): string =>
  typeof fault === 'object' && fault !== null && 'code' in fault ? String(fault.code) : '';

/** True for a fault of this event, false for one of the surroundings (a lost connection, a full disk). */
export const isFaultOfEvent = (fault: unknown): boolean =>
  fault instanceof CannotApply || DATA_FAULT.test(codeOf(fault));

/** Why an event was parked, without any value of it: messages of a database quote the values they trip over. */
export const reasonOf = (fault: unknown): string => {
  if (fault instanceof CannotApply) return fault.message;
  return `SQLSTATE ${codeOf(fault)}`;
};
