import { FOLLOWERS } from '@rollbook/shared/operations/followers';
import type { JsonQuery } from '../read-model/read-model.ts';
import { instantOf, instantOrNull } from '../read-model/json-instant.ts';
import type { Operations } from './operations.schema.ts';

/** Most parked events, and most dead letters, that one answer lists. */
export const MOST = 100;
/** Most messages that are counted as waiting for a consumer. */
const MOST_BEHIND = 10_000;

/** The consumer group of the mailer, whose inbox and dead letters these are. */
const MAILER = 'mailer-worker';

const PARKED = `select e.event_id as id, e.name as read_model, e.version, e.person as person_id, e.stream, e.revision,
    e.position, e.type, e.reason, e.parked_at as since, e.tried_at
  from read_model.parked_events e order by e.position, e.name, e.version limit ${String(MOST)}`;

// Both feeds: what was given up stands in the inbox, what the inbox could not take in beside it.
const DEAD = `select d.event_id as id, '${MAILER}' as "group", max(d.type) as type, json_agg(d.kind order by d.kind) as mails,
    max(d.reason) as reason, max(d.done_at) as since
  from mailer.deliveries d where d.status = 'dead' group by d.event_id
  union all
  select null, '${MAILER}', null, '[]', u.reason || ', from ' || u.place, u.dead_at from mailer.unread_letters u`;

const BEHIND = `select count(*)::int from (
    select from message_feed.group_offsets o join message_feed.messages m on m.partition = o.partition and m.seq > o.acked
    where o.group_name = '${MAILER}' limit ${String(MOST_BEHIND)}) b`;

const ended = (status: string, and = ''): string =>
  `(select count(*) from mailer.deliveries d where d.status = '${status}'${and})`;
const waiting = (held: string): string =>
  `(select count(*) from mailer.deliveries d where d.status = 'waiting' and ${held})`;

const list = (rows: string): string => `(select coalesce(json_agg(x), '[]') from (${rows}) x)`;

/** All of it as one statement, so on one snapshot. */
export const selectOperations = (): JsonQuery => ({
  text: `select json_build_object(
    'followers', ${list(FOLLOWERS)},
    'consumers', json_build_array(json_build_object('group', '${MAILER}', 'messages_behind', case when exists (
      select from message_feed.group_offsets o where o.group_name = '${MAILER}') then (${BEHIND}) end)),
    'parked_events', json_build_object('total', (select count(*) from read_model.parked_events), 'data', ${list(PARKED)}),
    'dead_letters', json_build_object('total', (select count(*) from (${DEAD}) x),
      'data', ${list(`select * from (${DEAD}) y order by y.since desc, y.id limit ${String(MOST)}`)}),
    'mails', json_build_object(
      'pending', ${waiting('(d.held_until is null or d.held_until <= now())')},
      'sending', ${waiting('d.held_until > now()')},
      'sent_last_hour', ${ended('sent', " and d.done_at > now() - interval '1 hour'")},
      'expired', ${ended('expired')}, 'dead', ${ended('dead')})
  ) as found`,
  values: [],
});

type Found = Omit<Operations, 'log' | 'followers'> & {
  readonly followers: readonly Omit<Operations['followers'][number], 'events_behind'>[];
};

/** What was found, with times as we write them, and what only the log can say. */
export const toOperations = (
  found: Found,
  log: Operations['log'],
  behind: (position: string | null) => number | null,
): Operations => ({
  log,
  followers: found.followers.map((one) => ({
    ...one,
    events_behind: log.available ? behind(one.position) : null,
    at_end_at: instantOrNull(one.at_end_at),
    other_log_at: instantOrNull(one.other_log_at),
  })),
  consumers: found.consumers,
  parked_events: {
    total: found.parked_events.total,
    data: found.parked_events.data.map((one) => ({
      ...one,
      since: instantOf(one.since),
      tried_at: instantOrNull(one.tried_at),
    })),
  },
  dead_letters: {
    total: found.dead_letters.total,
    data: found.dead_letters.data.map((one) => ({ ...one, since: instantOf(one.since) })),
  },
  mails: found.mails,
});

export type FoundOperations = Found;
