import type { FeedMessage, MessageFeed, ReceivedMessage } from '@rollbook/shared/message-feed/port';
import { lookAtMessage } from './every-message.ts';

/** A message for tests: the n-th of its key. */
export const messageOf = (key: string, n: number): FeedMessage => ({
  id: `${key}-${String(n)}`,
  key,
  type: 'rollbook.test.happened.v1',
  position: String(n).padStart(20, '0'),
  time: '2026-01-02T03:04:05.678Z',
  data: { user_id: key, n },
});

/** Waits until it is true; fails with the sentence after `ms` milliseconds. */
export const until = async (what: string, isTrue: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> => {
  const end = Date.now() + ms;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`It did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** A consumer that writes down what it gets. */
export class Listener {
  readonly received: ReceivedMessage[] = [];
  readonly faults: unknown[] = [];
  readonly #stop = new AbortController();
  readonly #consuming: Promise<void>;

  constructor(feed: MessageFeed, group: string, handle?: (message: ReceivedMessage) => Promise<void> | void) {
    this.#consuming = feed.consume({
      group,
      signal: this.#stop.signal,
      onFault: (fault) => this.faults.push(fault),
      handle: async (message) => {
        lookAtMessage(message);
        this.received.push(message);
        await handle?.(message);
      },
    });
  }

  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  /** Ids of one key in the order of their first deliveries. */
  firstsOf(key: string): string[] {
    return [...new Set(this.received.filter((message) => message.key === key).map(({ id }) => id))];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#consuming;
  }
}
