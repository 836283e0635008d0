import type { Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { recordHistoryRead } from '../record-reading/record-history-read.handle.ts';
import type { AuditFilters } from './audit-filters.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { IndexRow } from './index-row.ts';
import type { AuditParts } from './read-audit.ts';

/** What the index says of the people of an event. */
export type PeopleOf = Pick<IndexRow, 'type' | 'subject' | 'actor_kind' | 'actor_id'>;

/** Whom events are about and who caused them. That the reader read of somebody is their own doing, and no new reading. */
export const peopleIn = (reader: Reader, events: readonly PeopleOf[]): readonly (string | null)[] => {
  const own = isService(reader) ? reader.id : reader.userId;
  return events
    .filter(({ type, actor_id: actor }) => type !== 'HistoryRead' || actor !== own)
    .flatMap(({ subject, actor_kind: kind, actor_id: actor }) => [subject, kind === 'person' ? actor : null]);
};

/**
 * Whom these filters single out. `subject` and `actor` name somebody: what a person did is their history as much as what
 * was done to them. `request_id` names nobody, and singles out those of the events that it finds.
 */
export const singledOut = (
  reader: Reader,
  { subject, actor, request_id: request }: AuditFilters,
  events: readonly PeopleOf[],
): readonly (string | null)[] => [
  subject ?? null,
  actor === undefined || actor === 'system' || actor === 'anonymous' ? null : actor,
  ...(request === undefined ? [] : peopleIn(reader, events)),
];

/**
 * Whoever singles out people in the trail reads their history, which is an event before anything is shown; null: it is
 * recorded, or there never were such people. Throws StoreUnavailable.
 */
export const recordPeople = async (
  { log, readings }: Pick<AuditParts, 'log' | 'readings'>,
  { reader, context }: { readonly reader: Reader; readonly context: RequestContext },
  people: readonly (string | null)[],
): Promise<Rejection | null> => {
  const named = [...new Set(people)].filter((id) => id !== null);
  const known = await fewAtOnce(named, async (id) => (await log.read(userStream(id), { limit: 1 })).events.length > 0);
  return recordHistoryRead(readings, reader, context, ...named.filter((_, at) => known[at]));
};
