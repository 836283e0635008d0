import { userStream } from '@rollbook/shared/contracts/streams';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { EventLog, StreamEnd } from '@rollbook/shared/event-log/event-log';
import { foldPerson, type Person } from '@rollbook/shared/person/person.state';

/** A person's stream as one round of a decision reads it. */
export interface ReadPerson {
  readonly person: Person;
  readonly end: StreamEnd;
  readonly events: readonly AnyEvent[];
}

export const readPerson = async (log: EventLog, userId: string): Promise<ReadPerson> => {
  const { events, end } = await log.read(userStream(userId));
  return { events, end, person: foldPerson(events) };
};
