import type { EventOf } from '../contracts/define-event.ts';
import type { CheckpointSigned } from '../contracts/events/notary-events.ts';
import { NOTARY } from '../contracts/streams.ts';
import type { EventLog, StreamEnd } from '../event-log/event-log.ts';

export type CheckpointEvent = EventOf<typeof CheckpointSigned>;

/** The newest checkpoint of a log, or null before the first, and the end of the stream that they stand in. */
export const readLastCheckpoint = async (
  log: Pick<EventLog, 'read'>,
): Promise<{ readonly checkpoint: CheckpointEvent | null; readonly end: StreamEnd }> => {
  const { events, end } = await log.read(NOTARY, { direction: 'backwards', limit: 1 });
  return { checkpoint: events.find((event) => event.type === 'CheckpointSigned') ?? null, end };
};
