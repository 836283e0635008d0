import { Partitioners, type Kafka, type Message, type Producer } from 'kafkajs';
import type { Clock } from '../../kernel/clock.ts';
import { RETRY } from './kafka-client.ts';
import { within } from './within.ts';

/** Milliseconds for a request with all its retries; kafkajs repeats on a connection that died without a word. */
const SEND = 12_000;
/** Milliseconds that a request under way still has when the publisher is closed. */
const CLOSING = 1_000;
/** Bytes of values in one request, well under what a broker takes in one batch (1 MB). */
const MOST_BYTES = 400_000;

/**
 * Sends records, one request after the other, acknowledged by all replicas in sync. After a fault the producer is
 * thrown away: its sequence numbers could make the broker take a different batch for a repeat, and drop it.
 */
export class Publisher {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  #producer: Producer | null = null;
  #last: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #broken = Promise.withResolvers<never>();

  constructor(kafka: Kafka, clock: Clock) {
    this.#kafka = kafka;
    this.#clock = clock;
    this.#broken.promise.catch(() => undefined);
  }

  /** Resolves when all of them are durably in the topic, in order per key. */
  send(topic: string, records: readonly Message[]): Promise<void> {
    const sending = this.#last.then(async () => {
      for (const part of partsOf(records)) await this.#sendPart(topic, part);
    });
    this.#last = sending.catch(() => undefined);
    return sending;
  }

  /**
   * Lets a request under way end, for a second at most: a broker that is frozen must not hold up a service that stops.
   * What was broken off may be in the topic all the same; its sender's promise rejects.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = new AbortController();
    void this.#clock.sleep(CLOSING, ended.signal).then(() => {
      if (!ended.signal.aborted) this.#broken.reject(new Error('The message feed was closed'));
    });
    await this.#last;
    ended.abort();
    await this.#discard();
  }

  async #sendPart(topic: string, messages: Message[]): Promise<void> {
    if (this.#closed) throw new Error('The message feed is closed');
    try {
      await Promise.race([this.#request(topic, messages), this.#broken.promise]);
    } catch (fault) {
      void this.#discard();
      throw fault;
    }
  }

  async #request(topic: string, messages: Message[]): Promise<void> {
    this.#producer ??= await this.#connect();
    await within(this.#clock, SEND, 'publish', this.#producer.send({ topic, messages, acks: -1, timeout: 5_000 }));
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: RETRY,
    });
    try {
      await within(this.#clock, SEND, 'connect', producer.connect());
      if (this.#closed) throw new Error('The message feed is closed');
    } catch (fault) {
      void producer.disconnect().catch(() => undefined);
      throw fault;
    }
    return producer;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer) await within(this.#clock, 2_000, 'disconnect', producer.disconnect()).catch(() => undefined);
  }
}

function* partsOf(records: readonly Message[]): Generator<Message[]> {
  let part: Message[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = record.value?.length ?? 0;
    if (part.length > 0 && bytes + size > MOST_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
