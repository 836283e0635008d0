import type { ISocketFactory, Kafka, KafkaMessage } from 'kafkajs';
import { toInstant, type Clock } from '../../kernel/clock.ts';
import type { ConsumeOptions, DeadLetter, FeedMessage, MessageFeed, ReceivedMessage } from '../port.ts';
import { AdminLine } from './admin-line.ts';
import { textHeaders, toRecord } from './cloud-event.ts';
import { consume } from './consume.ts';
import { toDeadLetter } from './dead-letter.ts';
import { createKafka } from './kafka-client.ts';
import { parseKafkaUrl, type KafkaSettings } from './kafka-url.ts';
import type { FeedStalled } from './progress-watchdog.ts';
import { Publisher } from './publisher.ts';
import { readTopic } from './read-topic.ts';
import { deadLetterTopic, feedTopic } from './topic-names.ts';

export interface KafkaMessageFeedOptions {
  /** `kafka://user:password@a:9092,b:9092?sasl=scram-sha-512&tls=true` */
  readonly url: string;
  readonly clock: Clock;
  /** Whose connections these are, for the operator. */
  readonly applicationName?: string;
  /** A consumer stands still without a fault: the process must end, with an exit code that is not 0. */
  readonly onStalled: (fault: FeedStalled) => void;
  /** Default 60,000. */
  readonly stallAfterMs?: number;
  /** After how many ms the others go on without a consumer that vanished. Default 6,000: brokers take no less. */
  readonly sessionTimeoutMs?: number;
  readonly socketFactory?: ISocketFactory;
}

/**
 * The feed in Kafka: topic `user-events.v1`, key = user id, CloudEvents in binary mode, at least once. The topics must
 * be there (`deploy/kafka-topics.ts`). Throws ConfigError for a URL that cannot be read.
 */
export class KafkaMessageFeed implements MessageFeed {
  readonly #options: KafkaMessageFeedOptions;
  readonly #settings: KafkaSettings;
  readonly #kafka: Kafka;
  readonly #publisher: Publisher;
  readonly #admin: AdminLine;
  readonly #topic: string;
  readonly #closing = new AbortController();
  readonly #consuming = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(options: KafkaMessageFeedOptions) {
    this.#options = options;
    this.#settings = parseKafkaUrl(options.url);
    this.#kafka = createKafka({
      settings: this.#settings,
      clientId: (options.applicationName ?? 'rollbook').replace(/ /g, '-'),
      ...(options.socketFactory ? { socketFactory: options.socketFactory } : {}),
    });
    this.#topic = feedTopic(this.#settings.prefix);
    this.#publisher = new Publisher(this.#kafka, options.clock);
    this.#admin = new AdminLine(this.#kafka, options.clock);
  }

  async publish(messages: readonly FeedMessage[]): Promise<void> {
    await this.#publisher.send(this.#topic, messages.map(toRecord));
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const { clock, onStalled, stallAfterMs = 60_000, sessionTimeoutMs = 6_000 } = this.#options;
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const parts = {
      kafka: this.#kafka,
      clock,
      admin: this.#admin,
      topic: this.#topic,
      groupId: this.#settings.prefix + options.group,
      sessionTimeoutMs,
      stallAfterMs,
      onStalled,
      bury: (record: KafkaMessage, place: string, reason: string) => this.#bury(options.group, record, place, reason),
    };
    const consuming = consume(parts, { ...options, signal });
    this.#consuming.add(consuming);
    try {
      await consuming;
    } finally {
      this.#consuming.delete(consuming);
    }
  }

  async deadLetter(group: string, message: ReceivedMessage, reason: string): Promise<void> {
    const record = toRecord(message);
    const headers = { ...record.headers, ...this.#deadHeaders(message.place, reason) };
    await this.#publisher.send(deadLetterTopic(this.#settings.prefix, group), [{ ...record, headers }]);
  }

  async readDeadLetters(group: string, handle: (letter: DeadLetter) => Promise<void>): Promise<void> {
    const { clock, sessionTimeoutMs = 6_000 } = this.#options;
    await readTopic({
      kafka: this.#kafka,
      clock,
      admin: this.#admin,
      topic: deadLetterTopic(this.#settings.prefix, group),
      groupId: `${this.#settings.prefix}${group}.redrive`,
      sessionTimeoutMs,
      handle: (record, place) => handle(toDeadLetter(record, place)),
    });
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  prune(): Promise<number> {
    return Promise.resolve(0);
  }

  async ping(): Promise<void> {
    await this.#admin.ask('ping', (admin) => admin.fetchTopicMetadata({ topics: [this.#topic] }), 3_000);
  }

  /** Stops consuming, waits for messages in progress, and ends all connections. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#consuming);
    await Promise.all([this.#publisher.close(), this.#admin.close()]);
  }

  async #bury(group: string, { key, value, headers }: KafkaMessage, place: string, reason: string): Promise<void> {
    const all = { ...textHeaders(headers), ...this.#deadHeaders(place, reason) };
    await this.#publisher.send(deadLetterTopic(this.#settings.prefix, group), [{ key, value, headers: all }]);
  }

  #deadHeaders(place: string, reason: string): Record<string, string> {
    return { dead_place: place, dead_reason: reason, dead_at: toInstant(this.#options.clock.now()) };
  }
}
