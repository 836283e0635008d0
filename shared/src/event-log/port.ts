import type { Position, StoredEvent, UnplacedEvent } from './event.ts';

/** The expected revision of a stream that has no event yet. */
export const NO_STREAM = -1;

/** One append: all events or none, only when the stream's last revision is exactly `expectedRevision`. */
export interface Append {
  readonly stream: string;
  /** The revision of the stream's last event, or NO_STREAM. There is no "any". */
  readonly expectedRevision: number;
  /** At least one, at most 1 MiB together; revisions count on from `expectedRevision`. */
  readonly events: readonly UnplacedEvent[];
}

/**
 * - `stored`: the events stand in the log. A store need not tell a repeat from a first write: after a retry or for a
 *   keyed command, read the stream before concluding anything.
 * - `already-stored`: the same ids stood at the same places already; nothing was written, and the stored bytes count.
 * - `conflict`: nothing was written; `revision` is the stream's last (NO_STREAM when it has none).
 */
export type AppendResult =
  | {
      readonly outcome: 'stored' | 'already-stored';
      readonly revision: number;
      /** Of the last event; undefined when the store did not say (then read it back). */
      readonly position: Position | undefined;
    }
  | { readonly outcome: 'conflict'; readonly revision: number };

/** Limits a read of the whole log, at the server: by the beginnings of stream names, or by event types. */
export type LogFilter = { readonly streamPrefixes: readonly string[] } | { readonly types: readonly string[] };

export interface ReadStreamOptions {
  /** First revision to read (inclusive). Default: the first, or backwards the last. */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  /** Most events to give. Default: all. */
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Read what stands strictly after this position; null: from the log's beginning. */
  readonly after: Position | null;
  readonly filter?: LogFilter;
  /** Most events to give; default 500. */
  readonly limit?: number;
  /**
   * A page ends with the event by which it holds about so many bytes, for whoever may not hold much at once. `atEnd`
   * may then come with the empty page behind the last event.
   */
  readonly bytes?: number;
}

/** A stretch of the log. */
export interface LogPage {
  readonly events: readonly StoredEvent[];
  /** How far the log was looked through: later reads go on after it. null: the log is empty. Never behind `after`. */
  readonly position: Position | null;
  /** True when nothing stood after `position` at the time of the read. */
  readonly atEnd: boolean;
  /** How many events were looked through, those that the filter left out among them. Left out: the store cannot tell. */
  readonly passed?: number;
}

export interface FollowOptions {
  readonly after: Position | null;
  readonly filter?: LogFilter;
  /** Ends the iteration cleanly. */
  readonly signal: AbortSignal;
  /** Most events in one page; default 500. */
  readonly limit?: number;
  /** Told of faults that the follower survives by itself (a lost connection, a silent server). */
  readonly onFault?: (fault: unknown) => void;
}

/**
 * An append-only log of streams. Adapters: PostgreSQL, EventStoreDB, and one in memory for tests; one contract suite
 * (`test/contracts/event-store.contract.ts`) holds for all.
 */
export interface EventStore {
  /** True where a filtered page says how many events it passed. */
  readonly countsPassed?: true;
  /** Identifies this log; a restored or other log has another id. */
  logId(): Promise<string>;
  /**
   * Idempotent on event ids. After an unknown outcome it tries again with the same bytes within its deadline.
   * Throws OutcomeUnknown when it cannot tell, StoreUnavailable when surely nothing was written, AppendRefused for
   * events that no store takes.
   */
  append(append: Append): Promise<AppendResult>;
  /** Each append is accepted or refused by itself, in order; one result each. */
  appendMany(appends: readonly Append[]): Promise<readonly AppendResult[]>;
  /** The stream's events; empty when it has none. Throws StoreUnavailable. */
  read(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]>;
  /** One page of the whole log, forwards, in commit order. Throws StoreUnavailable. */
  readAll(options: ReadAllOptions): Promise<LogPage>;
  /** The position of the log's last event, or null. Throws StoreUnavailable. */
  end(): Promise<Position | null>;
  /** How many events stand after `from` up to `to`. Left out by a store that cannot tell without reading. */
  distance?(from: Position | null, to: Position | null): number;
  /**
   * Every event after `after`, once, in order, for ever. Gives a page when there is something new, and an empty page
   * with `atEnd` at least every 250 ms while it stands at the end, so that a caller knows it is alive. The page asked
   * for next counts the one before as handled. Reconnects by itself, with backoff, from the last page handed out.
   */
  follow(options: FollowOptions): AsyncIterable<LogPage>;
  close(): Promise<void>;
}
