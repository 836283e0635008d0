import { subjectOfEvent } from '@rollbook/shared/audit/subject-of';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import type { IndexRow } from './index-row.ts';

/** Whether an event's content has the hash that the index has of it, and the index says of it what it says itself. */
export const isAsIndexed = (event: StoredEvent, row: IndexRow): boolean => {
  const { actor, requestId, correlationId, causationId, commandId } = event.metadata;
  return (
    hashEvent(event) === row.hash &&
    event.id === row.id &&
    event.type === row.type &&
    fromInstant(event.recordedAt) === fromInstant(row.recorded_at) &&
    actor.kind === row.actor_kind &&
    actor.id === row.actor_id &&
    subjectOfEvent(event) === row.subject &&
    requestId === row.request_id &&
    correlationId === row.correlation_id &&
    causationId === row.causation_id &&
    commandId === row.command_id
  );
};

/** The last revision up to which a stream, read from its beginning, is as it was written: -1 where not even the first is. */
export const wholeUpTo = (stored: readonly StoredEvent[]): number => {
  let before: string | null = null;
  for (const [revision, event] of stored.entries()) {
    const { hash, previousHash } = event.metadata;
    if (event.revision !== revision || previousHash !== before || hashEvent(event) !== hash) return revision - 1;
    before = hash;
  }
  return stored.length - 1;
};
