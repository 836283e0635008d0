import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { UnreadableEvent } from '@rollbook/shared/event-log/errors';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { openEvents } from '@rollbook/shared/event-log/open-event';
import type { KeyRing, SubjectKey } from '@rollbook/shared/personal-data/key-ring';

/** A stored event, and what it says: null with the reason where it cannot be understood. */
export interface MaybeOpened {
  readonly stored: StoredEvent;
  readonly event: AnyEvent | null;
  readonly reason: string | null;
}

type Keys = Pick<KeyRing, 'findMany'>;

/** Opens every event that can be opened. Throws only when the keys cannot be asked for. */
export const openEach = async (stored: readonly StoredEvent[], keys: Keys): Promise<readonly MaybeOpened[]> => {
  const subjects = new Set(stored.flatMap(({ personal }) => personal.map(({ subject }) => subject)));
  const found = subjects.size === 0 ? new Map<string, never>() : await keys.findMany([...subjects]);
  const known = { findMany: () => Promise.resolve(found) };
  try {
    const events = await openEvents(stored, asKeyRing(known));
    return stored.map((one, index) => ({ stored: one, event: events[index] ?? null, reason: null }));
  } catch {
    return Promise.all(stored.map((one) => openOne(one, known)));
  }
};

const openOne = async (stored: StoredEvent, known: Keys): Promise<MaybeOpened> => {
  try {
    const [event] = await openEvents([stored], asKeyRing(known));
    return { stored, event: event ?? null, reason: null };
  } catch (fault) {
    // An erasure must not wait for the origin of whoever ordered it.
    if (stored.type === 'PersonErased' && stored.personal.length > 0)
      return openOne({ ...stored, personal: [] }, known);
    return { stored, event: null, reason: reasonOf(fault) };
  }
};

/** Why it cannot be read. Only messages of our own are repeated: others may quote what they trip over. */
const reasonOf = (fault: unknown): string => {
  if (!Error.isError(fault)) return 'It cannot be read';
  return fault.name === UnreadableEvent.name ? fault.message : `It cannot be read: ${fault.name}`;
};

/** Opens events as they read once their person is erased; leaves out what cannot be understood even so. */
export const openAsErased = async (stored: readonly StoredEvent[]): Promise<readonly AnyEvent[]> => {
  const destroyed = {
    findMany: (subjects: readonly string[]) =>
      Promise.resolve(new Map<string, SubjectKey | 'destroyed'>(subjects.map((subject) => [subject, 'destroyed']))),
  };
  const opened = await Promise.all(stored.map((one) => openOne(one, destroyed)));
  return opened.flatMap(({ event }) => event ?? []);
};

/** Opening only ever asks for keys: whatever else a ring can do is not within its reach here. */
const asKeyRing = ({ findMany }: Keys): KeyRing => {
  const refuse = (): Promise<never> => Promise.reject(new Error('Opening events does not change keys'));
  return { findMany, find: refuse, ensure: refuse, ensureMany: refuse, destroy: refuse };
};
