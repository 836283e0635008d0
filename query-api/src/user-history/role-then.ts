import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Role } from '@rollbook/shared/contracts/roles';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { foldPerson } from '@rollbook/shared/person/person.state';

/** The role that a person had when they caused an event; null where there was nobody. */
export type RoleThen = (userId: string, event: AnyEvent) => Role | null;

/** Reads whoever acted in these events. Throws StoreUnavailable. */
export const rolesThen = async (log: Pick<EventLog, 'read'>, events: readonly AnyEvent[]): Promise<RoleThen> => {
  const actors = new Set(
    events.flatMap(({ metadata: { actor } }) => (actor.kind === 'person' && actor.id !== null ? [actor.id] : [])),
  );
  const lives = new Map<string, readonly AnyEvent[]>();
  for (const id of actors) lives.set(id, (await log.read(userStream(id))).events);
  return (userId, { position }) => {
    // Who registers is somebody from that event on.
    const before = (lives.get(userId) ?? []).filter(
      (event) => event.position < position || (event.position === position && event.type === 'UserRegistered'),
    );
    return before.length === 0 ? null : foldPerson(before).role;
  };
};
