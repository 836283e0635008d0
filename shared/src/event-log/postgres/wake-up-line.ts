import pg from 'pg';
import type { Clock } from '../../kernel/clock.ts';
import type { News } from '../news.ts';
import { connectionSettings } from './log-connections.ts';

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * One connection that listens for the log's notifications while anybody follows. It only makes followers faster: while
 * it is down they poll.
 */
export class WakeUpLine {
  readonly #url: string;
  readonly #applicationName: string;
  readonly #clock: Clock;
  readonly #news: News;
  readonly #followers = new Set<(fault: unknown) => void>();
  #hangUp: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: { url: string; applicationName: string; clock: Clock; news: News }) {
    this.#url = parts.url;
    this.#applicationName = parts.applicationName;
    this.#clock = parts.clock;
    this.#news = parts.news;
  }

  /** Listens until the answer is called. `onFault` hears when the line breaks. */
  join(onFault: (fault: unknown) => void): () => void {
    // A function of its own per follower, so that one given twice counts twice.
    const follower = (fault: unknown): void => onFault(fault);
    this.#followers.add(follower);
    if (!this.#hangUp) {
      const hangUp = new AbortController();
      this.#hangUp = hangUp;
      this.#running = this.#running.then(() => this.#keepListening(hangUp.signal));
    }
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size > 0) return;
      this.#hangUp?.abort();
      this.#hangUp = undefined;
    };
  }

  /** Resolves when the connection is gone. */
  async close(): Promise<void> {
    this.#hangUp?.abort();
    await this.#running;
  }

  async #keepListening(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        if (await this.#listenOnce(signal)) failures = 0;
      } catch (fault) {
        for (const tell of this.#followers) tell(fault);
      }
      await this.#clock.sleep(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures), signal);
    }
  }

  /** Listens until the signal or the end of the connection. True when it listened at all. */
  async #listenOnce(signal: AbortSignal): Promise<boolean> {
    const client = new pg.Client(connectionSettings(this.#url, `${this.#applicationName}-listen`));
    const ended = new Promise<void>((resolve) => {
      client.on('end', () => resolve());
      client.on('error', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', () => this.#news.announce());
    try {
      await client.connect();
      await client.query('listen event_log');
      // What came before the line stood was not announced.
      this.#news.announce();
      await ended;
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
