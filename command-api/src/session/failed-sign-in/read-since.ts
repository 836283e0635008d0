import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { EventLog, StreamEnd } from '@rollbook/shared/event-log/event-log';
import { fromInstant } from '@rollbook/shared/kernel/clock';

const PAGE = 50;

/** A stream from its end back to the first event before `since` (ms since 1970), newest first. */
export const readSince = async (
  log: EventLog,
  stream: string,
  since: number,
): Promise<{ readonly events: readonly AnyEvent[]; readonly end: StreamEnd }> => {
  const newest = await log.read(stream, { direction: 'backwards', limit: PAGE });
  const events = [...newest.events];
  for (;;) {
    const oldest = events.at(-1);
    if (!oldest || oldest.revision === 0 || fromInstant(oldest.recordedAt) < since) return { events, end: newest.end };
    const older = await log.read(stream, { direction: 'backwards', limit: PAGE, from: oldest.revision - 1 });
    events.push(...older.events);
  }
};
