import { EventStoreDBClient } from '@eventstore/db-client';
import type { Clock } from '../../kernel/clock.ts';
import { waitAtMost } from '../../kernel/in-time.ts';
import { ConfigError } from '../../process/start-error.ts';
import type { ConnectionSettings } from './connection-settings.ts';

/** After so many calls in a row without any answer the connection counts as dead. */
const SILENT_CALLS = 3;
/** A client that was given up may still have calls under way; each ends within this time (ms). */
const LAST_CALLS = 10_000;

/** How long (ms) closing waits for the client's streams to end. */
const LAST_WORDS = 500;

const quietly = (promise: Promise<unknown>): void => void promise.catch(() => undefined);

/**
 * The one client of a store, and a new one when the old one is of no more use: a failure in discovery or in the
 * question for the server's features can stay in a client for its life (wire 1.7, 1.11), and a frozen server holds its
 * connection for 20 s.
 */
export class Connection {
  readonly credentials: ConnectionSettings['credentials'];
  readonly #url: string;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #leaving = new Set<Promise<void>>();
  #client: EventStoreDBClient;
  #silent = 0;

  /** Connects with the first call. Throws ConfigError. */
  constructor({ url, credentials }: ConnectionSettings, clock: Clock) {
    this.credentials = credentials;
    this.#url = url;
    this.#clock = clock;
    try {
      this.#client = connect(url);
    } catch {
      // The client's own sentence may quote the password.
      throw new ConfigError('EVENT_STORE_URL is not a connection string that the client of EventStoreDB understands.');
    }
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** Aborts when the connection is being closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** A server answered, with success or with an error of its own. */
  noteAnswer(): void {
    this.#silent = 0;
  }

  /** A call through `client` got no answer. */
  noteSilence(client: EventStoreDBClient): void {
    this.#silent += 1;
    if (this.#silent >= SILENT_CALLS) this.replace(client);
  }

  /** Connects anew, unless that was done already. */
  replace(worn: EventStoreDBClient): void {
    if (worn !== this.#client || this.signal.aborted) return;
    this.#silent = 0;
    this.#client = connect(this.#url);
    // A client that is disposed of ends its reads as if they were complete: so only once they are over.
    const leaving = this.#clock.sleep(LAST_CALLS, this.signal).then(() => worn.dispose());
    this.#leaving.add(leaving);
    quietly(leaving.finally(() => this.#leaving.delete(leaving)));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const disposing = Promise.allSettled([...this.#leaving, this.#client.dispose()]);
    // Disposing waits for the end of every stream; that of a call that was given up may never come.
    await waitAtMost(this.#clock, LAST_WORDS, disposing);
  }
}

const connect = (url: string): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(url);
  // The client does not wait for this method of its own, so a discovery that fails meanwhile would be a rejection that
  // nobody handles, and end the process. The same fault reaches the call that asked for the discovery.
  const inner = client as unknown as { handleError: (...values: unknown[]) => Promise<void> };
  const handleError = inner.handleError.bind(client);
  inner.handleError = (...values) => handleError(...values).catch(() => undefined);
  return client;
};
