import type { AnyEvent } from '../contracts/events/all-events.ts';
import { fromInstant } from '../kernel/clock.ts';
import type { EventLog, StreamEnd } from './event-log.ts';

const PAGE = 50;

/**
 * A stream from its end back to the first event before `since` (ms since 1970), newest first; that event is among them,
 * where there is one, and so is the stream's last.
 */
export const readSince = async (
  log: Pick<EventLog, 'read'>,
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
