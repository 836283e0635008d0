import { z } from 'zod';

const time = z.string();
const count = z.int();

const Follower = z.strictObject({
  name: z.string(),
  version: z.int(),
  state: z.enum(['building', 'live']),
  position: z.string().nullable(),
  /** ms since it was known to stand at the log's end; up to about 1,000 while nothing new comes. */
  lag_ms: count,
  /** null: the log is away, or cannot count without reading. */
  events_behind: count.nullable(),
  at_end_at: time.nullable(),
  /** Since when the log lacks its place: another log, or an older backup. Nobody gets to see what it wrote. */
  other_log_at: time.nullable(),
  parked_events: count,
  parked_people: count,
});

const ParkedEvent = z.strictObject({
  /** What `redrive` takes, with `what: parked_event`. */
  id: z.uuid(),
  read_model: z.string(),
  version: z.int(),
  person_id: z.uuid(),
  stream: z.string(),
  revision: z.int(),
  position: z.string(),
  type: z.string(),
  reason: z.string(),
  since: time,
  tried_at: time.nullable(),
});

const DeadLetter = z.strictObject({
  /** Of the event that asked for the mail, for `redrive` with `what: dead_letter`; null: it cannot be tried again. */
  id: z.uuid().nullable(),
  group: z.string(),
  type: z.string().nullable(),
  mails: z.array(z.string()),
  reason: z.string().nullable(),
  since: time,
});

const Mails = z.strictObject({
  /** Due now, or later after an attempt that failed. */
  pending: count,
  sending: count,
  sent_last_hour: count,
  /** Not sent on purpose, or given up, within the 30 days that the inbox remembers. */
  expired: count,
  dead: count,
});

const Consumer = z.strictObject({
  group: z.string(),
  /** At most 10,000 are counted. null: the feed is Kafka, which knows. */
  messages_behind: count.nullable(),
});

export const Operations = z.strictObject({
  log: z.strictObject({ available: z.boolean(), end: z.string().nullable() }),
  followers: z.array(Follower),
  consumers: z.array(Consumer),
  parked_events: z.strictObject({ total: count, data: z.array(ParkedEvent) }),
  dead_letters: z.strictObject({ total: count, data: z.array(DeadLetter) }),
  mails: Mails,
});
export type Operations = z.output<typeof Operations>;
