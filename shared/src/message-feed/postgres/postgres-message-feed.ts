import type { Clock } from '../../kernel/clock.ts';
import { createPool, type Pool } from '../../sql/pool.ts';
import { withTransaction } from '../../sql/transaction.ts';
import { partitionOf } from '../partition.ts';
import type { ConsumeOptions, DeadLetter, FeedMessage, MessageFeed, ReceivedMessage } from '../port.ts';
import { consume } from './consume.ts';
import { CHANNEL } from './group-session.ts';
import { prune } from './prune.ts';
import { readDeadLetters } from './read-dead-letters.ts';

export interface PostgresMessageFeedOptions {
  /** `postgres://…` */
  readonly url: string;
  readonly clock: Clock;
  /** Whose connections these are, for the operator. */
  readonly applicationName?: string;
  readonly onFault?: (fault: unknown) => void;
}

// One publisher at a time, so that a lower seq is never committed after a higher one and no consumer passes over it.
const PUBLISH_LOCK = `select pg_advisory_xact_lock(hashtext('message-feed publish'), 0)`;

/** The feed in PostgreSQL tables (schema `message_feed`). A repeat of a message that still stands there is folded. */
export class PostgresMessageFeed implements MessageFeed {
  readonly #options: PostgresMessageFeedOptions;
  readonly #pool: Pool;
  readonly #closing = new AbortController();
  readonly #consuming = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(options: PostgresMessageFeedOptions) {
    this.#options = options;
    const faults = options.onFault ? { onError: options.onFault } : {};
    const applicationName = options.applicationName ?? 'rollbook feed';
    this.#pool = createPool({ url: options.url, applicationName, max: 3, ...faults });
  }

  async publish(messages: readonly FeedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await withTransaction(this.#pool, async (client) => {
      await client.query(PUBLISH_LOCK);
      await client.query(
        `insert into message_feed.messages (partition, id, key, type, position, time, data)
         select partition, id, key, type, position, time, data
         from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
           with ordinality as m(partition, id, key, type, position, time, data, n)
         order by n
         on conflict (id) do nothing`,
        [
          messages.map(({ key }) => partitionOf(key)),
          messages.map(({ id }) => id),
          messages.map(({ key }) => key),
          messages.map(({ type }) => type),
          messages.map(({ position }) => position),
          messages.map(({ time }) => time),
          messages.map(({ data }) => JSON.stringify(data)),
        ],
      );
      await client.query(`notify ${CHANNEL}`);
    });
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const consuming = consume(this.#options.url, this.#options.clock, { ...options, signal });
    this.#consuming.add(consuming);
    try {
      await consuming;
    } finally {
      this.#consuming.delete(consuming);
    }
  }

  async deadLetter(group: string, message: ReceivedMessage, reason: string): Promise<void> {
    await this.#pool.query(
      `insert into message_feed.dead_letters
         (group_name, message_id, key, type, position, time, data, place, reason)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (group_name, message_id) do update set reason = excluded.reason, dead_at = now()`,
      [
        group,
        message.id,
        message.key,
        message.type,
        message.position,
        message.time,
        JSON.stringify(message.data),
        message.place,
        reason,
      ],
    );
  }

  readDeadLetters(group: string, handle: (letter: DeadLetter) => Promise<void>): Promise<void> {
    return readDeadLetters(this.#pool, group, handle);
  }

  async forget(key: string): Promise<void> {
    await this.#pool.query('delete from message_feed.dead_letters where key = $1', [key]);
  }

  prune(olderThanMs: number): Promise<number> {
    return prune(this.#pool, olderThanMs);
  }

  async ping(): Promise<void> {
    await this.#pool.query('select 1 from message_feed.messages limit 1');
  }

  /** Stops consuming, waits for messages in progress, and ends all connections. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#consuming);
    await this.#pool.end();
  }
}
