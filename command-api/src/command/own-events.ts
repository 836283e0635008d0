import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { foldPerson, type Person } from '@rollbook/shared/person/person.state';

/** What a command did to a person: their state right after the command's last event, and that event. */
export interface Effect {
  readonly person: Person;
  readonly last: AnyEvent;
}

/**
 * The effect of a command that stands in a person's stream already, or null. The answer to a retry is made from this,
 * so it is the first answer again whatever happened since.
 */
export const ownEffect = (events: readonly AnyEvent[], commandId: string): Effect | null => {
  const index = events.findLastIndex((event) => event.metadata.commandId === commandId && !isFence(event));
  const last = events[index];
  return last ? { last, person: foldPerson(events.slice(0, index + 1)) } : null;
};

/** A fence that a command set up in passing is not what it was asked to do. */
const isFence = ({ type }: AnyEvent): boolean => type === 'ClaimForfeited' || type === 'RegistrationAbandoned';
