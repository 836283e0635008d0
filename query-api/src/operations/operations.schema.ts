import { z } from 'zod';
import { Instant } from '@rollbook/shared/contracts/instant';

const time = Instant;
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

const EXAMPLE = {
  log: { available: true, end: '00000000000000000042' },
  followers: [
    {
      name: 'user_directory',
      version: 1,
      state: 'live',
      position: '00000000000000000042',
      lag_ms: 12,
      events_behind: 0,
      at_end_at: '2026-01-02T03:04:05.678Z',
      other_log_at: null,
      parked_events: 1,
      parked_people: 1,
    },
  ],
  consumers: [{ group: 'mailer-worker', messages_behind: 0 }],
  parked_events: {
    total: 1,
    data: [
      {
        id: '0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a',
        read_model: 'user_directory',
        version: 1,
        person_id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
        stream: 'user-7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
        revision: 3,
        position: '00000000000000000041',
        type: 'ProfileChanged',
        reason: 'SQLSTATE 22001',
        since: '2026-01-02T03:04:05.678Z',
        tried_at: null,
      },
    ],
  },
  dead_letters: { total: 0, data: [] },
  mails: { pending: 0, sending: 0, sent_last_hour: 3, expired: 0, dead: 0 },
};

export const Operations = z
  .strictObject({
    log: z.strictObject({ available: z.boolean(), end: z.string().nullable() }),
    followers: z.array(Follower),
    consumers: z.array(Consumer),
    parked_events: z.strictObject({ total: count, data: z.array(ParkedEvent) }),
    dead_letters: z.strictObject({ total: count, data: z.array(DeadLetter) }),
    mails: Mails,
  })
  .meta({ id: 'Operations', example: EXAMPLE });
export type Operations = z.output<typeof Operations>;
