import type { JsonObject } from '../kernel/json.ts';

/** A public message as the feed carries it: CloudEvents 1.0 attributes, the person as the key. */
export interface FeedMessage {
  /** The event's id; a consumer folds repeats by it. */
  readonly id: string;
  /** The person's id: messages of one key are in order. */
  readonly key: string;
  /** `rollbook.user.registered.v1`, … */
  readonly type: string;
  /** The log position of the event, as text that compares as the log's order. */
  readonly position: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly data: JsonObject;
}

/** A message as a consumer gets it, with its place in the feed (for acknowledgement and diagnosis). */
export interface ReceivedMessage extends FeedMessage {
  readonly place: string;
}

/** A message that a group put aside. */
export interface DeadLetter {
  /** null: it is no message of this feed, and nobody can handle it. */
  readonly message: ReceivedMessage | null;
  /** Where it stood in the feed. */
  readonly place: string;
  readonly reason: string;
  /** When it was put aside, ms since 1970. */
  readonly deadAt: number;
}

export interface ConsumeOptions {
  /** Consumers of one group share the messages; each message goes to one of them at a time. */
  readonly group: string;
  readonly signal: AbortSignal;
  /**
   * Called for each message; of one key in order. Resolving acknowledges it. A throw means: not handled, deliver it
   * again later (with backoff); later messages of that key wait.
   */
  handle(message: ReceivedMessage): Promise<void>;
  readonly onFault?: (fault: unknown) => void;
  /**
   * Called with the place of a record that is no message of this feed, when it is among the dead letters and before it is
   * acknowledged; a throw brings it again.
   */
  readonly onBuried?: (place: string, reason: string) => Promise<void>;
}

/**
 * At least once, in order per key. Adapters: PostgreSQL and Kafka; one contract suite
 * (`test/contracts/message-feed.contract.ts`) holds for both.
 */
export interface MessageFeed {
  /** Resolves when every message is durably in the feed (the broker's acknowledgement). In order. */
  publish(messages: readonly FeedMessage[]): Promise<void>;
  /** Consumes from the group's last acknowledged place (the feed's beginning for a new group) until the signal. */
  consume(options: ConsumeOptions): Promise<void>;
  /** Puts a message that cannot be handled aside, with the reason, into the group's dead letters. */
  deadLetter(group: string, message: ReceivedMessage, reason: string): Promise<void>;
  /**
   * Reads what a group has put aside until now, one after the other, and leaves it there. A message that was put aside
   * several times may come several times, the latest last. Throws what `handle` throws.
   */
  readDeadLetters(group: string, handle: (letter: DeadLetter) => Promise<void>): Promise<void>;
  /**
   * Takes what any group has put aside of a key away. Kafka cannot take single records out: there the letters stay for
   * as long as their topic keeps them, and whatever is personal in them stays sealed under a key that is destroyed.
   */
  forget(key: string): Promise<void>;
  /**
   * Takes away some of the messages that were published more than `olderThanMs` ago and that every known group has
   * acknowledged, and says how many: 0 when there are none. In Kafka always 0: its topics have a retention of their own.
   */
  prune(olderThanMs: number): Promise<number>;
  /** Resolves when the feed answers; throws when it cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
