import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';

/** An event of the log is not what was written: its stored hash is not that of its content. */
export class AlteredEvent extends Error {
  override readonly name = 'AlteredEvent';
}

/** The event's leaf hash, computed again. Throws AlteredEvent, which names the event and no value of it. */
export const checkedHash = (event: StoredEvent): string => {
  const hash = hashEvent(event);
  if (hash === event.metadata.hash) return hash;
  const { id, stream, revision, position } = event;
  throw new AlteredEvent(
    `Event ${id} (${stream}, revision ${String(revision)}, position ${position}) is not as it was written: its content does not have its hash`,
  );
};
