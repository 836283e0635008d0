import { randomUUID } from 'node:crypto';
import type { JsonObject, StoredEvent, UnplacedEvent } from '@rollbook/shared/event-log/event';
import type { Append, LogPage } from '@rollbook/shared/event-log/port';

/** A stream that no other test uses. */
export const newStream = (prefix = 'user'): string => `${prefix}-${randomUUID()}`;

/** An event as it would come from the sealing edge; its values do not matter to a store. */
export const anEvent = (stream: string, revision: number, change: Partial<UnplacedEvent> = {}): UnplacedEvent => ({
  id: randomUUID(),
  type: 'SomethingHappened',
  schemaVersion: 1,
  stream,
  revision,
  recordedAt: '2026-01-02T03:04:05.678Z',
  data: { n: revision },
  personal: [{ subject: 'day-2026-01-02', keyId: 'k1', nonce: 'bm9uY2U=', ciphertext: 'Y2lwaGVydGV4dA==' }],
  metadata: {
    actor: { kind: 'system', id: null },
    requestId: 'request',
    correlationId: 'correlation',
    causationId: null,
    commandId: 'command',
    previousHash: null,
    hash: '00'.repeat(32),
  },
  ...change,
});

/** An append of `count` events after `expectedRevision`. */
export const anAppend = (stream: string, expectedRevision: number, count = 1, data?: JsonObject): Append => ({
  stream,
  expectedRevision,
  events: Array.from({ length: count }, (_, index) =>
    anEvent(stream, expectedRevision + 1 + index, data === undefined ? {} : { data }),
  ),
});

export const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** A stored event without the place that the store gave it. */
export const unplaced = ({ position, ...event }: StoredEvent): UnplacedEvent => {
  if (!/^\d{20}$|^[0-9a-f-]{16,}$/i.test(position)) throw new Error(`${position} has no fixed width`);
  return event;
};

/** Reads pages until `enough` says so; then leaves the follower. */
export const collect = async (
  pages: AsyncIterable<LogPage>,
  enough: (events: readonly StoredEvent[], page: LogPage) => boolean,
): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for await (const page of pages) {
    events.push(...page.events);
    if (enough(events, page)) break;
  }
  return events;
};
