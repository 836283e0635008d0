import type { Admin, Kafka } from 'kafkajs';
import type { Clock } from '../../kernel/clock.ts';
import { within } from './within.ts';

/** Milliseconds for a question with its retries. */
const ANSWER = 4_000;

/** Questions about the cluster over a connection that is made when it is needed, and anew after a fault. */
export class AdminLine {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  #admin: Promise<Admin> | null = null;

  constructor(kafka: Kafka, clock: Clock) {
    this.#kafka = kafka;
    this.#clock = clock;
  }

  /** The answer; throws when none comes in time. */
  async ask<T>(what: string, question: (admin: Admin) => Promise<T>, ms = ANSWER): Promise<T> {
    try {
      const line = (this.#admin ??= this.#connect());
      return await within(this.#clock, ms, what, line.then(question));
    } catch (fault) {
      void this.close();
      throw fault;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const line = this.#admin;
    this.#admin = null;
    if (line) await within(this.#clock, 2_000, 'disconnect', disconnect(line)).catch(() => undefined);
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: { retries: 1, initialRetryTime: 100 } });
    await admin.connect();
    return admin;
  }
}

const disconnect = async (line: Promise<Admin>): Promise<void> => {
  await (await line).disconnect();
};
