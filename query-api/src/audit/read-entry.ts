import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { idInStream, personOfStream } from '@rollbook/shared/contracts/streams';
import { UnreadableEvent } from '@rollbook/shared/event-log/errors';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { lastSignIn } from '@rollbook/shared/person/last-sign-in';
import { changesOf, type Changed } from '../user-history/changes.projection.ts';
import { detailsOf } from '../user-history/details.ts';
import { whereFrom } from '../user-history/history-entry.ts';
import { ERASED } from '../user-history/history.schema.ts';
import { rolesThen } from '../user-history/role-then.ts';
import { CheckedLog, type CheckedLogParts } from './checked-log.ts';
import type { AuditEntry, RelatedEvent } from './entry.schema.ts';
import type { IndexRow } from './index-row.ts';
import { fewAtOnce } from './few-at-once.ts';
import { lookUp, type Known } from './who-is-who.ts';
import { wordsOf } from './words.ts';

/** What the index knows of an event, as others name it. */
export const toRelated = ({ id, leaf, type, recorded_at }: IndexRow): RelatedEvent => {
  return { id, leaf, type, recorded_at, what: wordsOf(type) };
};

/** The entries of these rows in their order, opened from the log. Throws StoreUnavailable. */
export const readEntries = (parts: CheckedLogParts, rows: readonly IndexRow[]): Promise<readonly AuditEntry[]> => {
  const log = new CheckedLog(parts);
  return fewAtOnce(rows, (row) => readEntry(log, row));
};

const readEntry = async (log: CheckedLog, row: IndexRow): Promise<AuditEntry> => {
  const intact = await log.isIntact(row);
  const changed = intact ? await orNull(() => readChanged(log, row)) : null;
  const actor = (await orNull(() => lookUp(log, row.actor_kind, row.actor_id))) ?? NOT_KNOWN;
  const subject = (await orNull(() => lookUp(log, 'person', row.subject))) ?? NOT_KNOWN;
  const role = await orNull(async () => (changed ? roleThen(log, changed.event) : null));
  const { leaf, id, position, type, recorded_at, stream, revision } = row;
  return {
    ...{ id, leaf, position, type, recorded_at, what: wordsOf(type), stream, revision },
    actor: { kind: row.actor_kind, id: row.actor_id, role, name: actor.name },
    subject: row.subject === null ? null : { id: row.subject, name: subject.name },
    ...(changed
      ? whereFrom(changed.event, { hidden: false, gone: actor.erased })
      : { address: null, user_agent: null }),
    request_id: row.request_id,
    correlation_id: row.correlation_id,
    causation_id: row.causation_id,
    command_id: row.command_id,
    details: changed ? { ...detailsOf(changed.event), ...namesIn(changed.event) } : {},
    changes: changed ? [...changed.changes] : [],
    is_readable: changed !== null,
    integrity: intact ? 'intact' : 'altered',
  };
};

const NOT_KNOWN: Known = { name: null, erased: false };

/** One event that cannot be opened must not hide the others. */
const orNull = async <Found>(find: () => Promise<Found>): Promise<Found | null> => {
  try {
    return await find();
  } catch (fault) {
    if (fault instanceof UnreadableEvent) return null;
    throw fault;
  }
};

const roleThen = async (log: Pick<EventLog, 'read'>, event: AnyEvent) => {
  const { kind, id } = event.metadata.actor;
  return kind === 'person' && id !== null ? (await rolesThen(log, [event]))(id, event) : null;
};

/** Personal words that an event of no person's stream holds. */
const namesIn = (event: AnyEvent): Readonly<Record<string, string | null>> =>
  event.type === 'ApiKeyCreated' ? { name: event.erased ? ERASED : (event.personal?.name ?? null) } : {};

const changed = new WeakMap<readonly AnyEvent[], readonly Changed[]>();

/** A stream that many rows of a page stand in is read once, and folded once. */
const changesOnce = (events: readonly AnyEvent[]): readonly Changed[] => {
  const known = changed.get(events) ?? changesOf(events);
  changed.set(events, known);
  return known;
};

/** The event and what it changed: of a person's own stream by all of it, as their history has it. */
const readChanged = async (log: CheckedLog, row: IndexRow): Promise<Changed | null> => {
  const { stream, revision } = row;
  const { events } = await log.read(...log.partFor(row));
  if (stream.startsWith('user-')) return changesOnce(events).find(({ event }) => event.revision === revision) ?? null;
  const [event] = events;
  if (event?.revision !== revision) return null;
  return { event, changes: event.type === 'SignedIn' ? await lastLogin(log, event) : [] };
};

const lastLogin = async (log: Pick<EventLog, 'read'>, event: AnyEvent): Promise<Changed['changes']> => {
  const person = personOfStream(event.stream) ?? idInStream(event.stream);
  const former = await lastSignIn(log, person, () => true, event.revision);
  return [{ field: 'last_login', before: former?.recordedAt ?? null, after: event.recordedAt }];
};
