import type { AnyEvent } from '../contracts/events/all-events.ts';
import { apiKeyStream } from '../contracts/streams.ts';
import type { EventLog, StreamEnd } from '../event-log/event-log.ts';

/**
 * What made and what ended a key, and its stream's end. What the key has read may stand between them, as much as there
 * is; after the end nothing does (`record-reading`), so two events are enough to know all. Throws StoreUnavailable.
 */
export const readApiKey = async (
  log: Pick<EventLog, 'read'>,
  keyId: string,
): Promise<{ readonly events: readonly AnyEvent[]; readonly end: StreamEnd }> => {
  const stream = apiKeyStream(keyId);
  const beginning = await log.read(stream, { limit: 2 });
  const [created, next] = beginning.events;
  if (!created || !next || isEnd(next)) return beginning;
  const newest = await log.read(stream, { direction: 'backwards', limit: 1 });
  return { events: [created, ...newest.events.filter(isEnd)], end: newest.end };
};

const isEnd = ({ type }: AnyEvent): boolean => type === 'ApiKeyRevoked';
