import type { AnyEvent, AnyNewEvent } from '../contracts/events/all-events.ts';
import type { Actor, Origin, Position } from './event.ts';
import type { FollowOptions, LogFilter, ReadStreamOptions } from './port.ts';

/** The end of a stream as it was read: what the next append must find. `revision` is NO_STREAM for a new stream. */
export interface StreamEnd {
  readonly revision: number;
  readonly hash: string | null;
  readonly recordedAt: string | null;
}

/** Who writes and why; the same for all events of one append. */
export interface WriteContext {
  readonly actor: Actor;
  readonly origin: Origin | null;
  readonly requestId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly commandId: string;
}

export interface StreamRead {
  readonly events: readonly AnyEvent[];
  /** Of the last event that was read: the stream's end only when the read had no limit or went backwards from the end. */
  readonly end: StreamEnd;
}

/** As `AppendResult` of the port, and the ids that the events were written with. */
export type WriteResult =
  | {
      readonly outcome: 'stored' | 'already-stored';
      readonly revision: number;
      readonly position: Position | undefined;
    }
  | { readonly outcome: 'conflict'; readonly revision: number };

export interface OpenedPage {
  readonly events: readonly AnyEvent[];
  readonly position: Position | null;
  readonly atEnd: boolean;
}

/**
 * The log as deciders, handlers and projections see it: plain events in, plain events out. Behind it every event is
 * sealed, stamped and hashed exactly once, whatever is retried (`sealed-event-log.ts`).
 */
export interface EventLog {
  logId(): Promise<string>;
  /**
   * Appends at exactly `end`. The id of the n-th event is `ids[n]` when given, else derived from the command id, the
   * stream and n. Throws OutcomeUnknown, StoreUnavailable, AppendRefused.
   */
  append(
    stream: string,
    end: StreamEnd,
    events: readonly AnyNewEvent[],
    context: WriteContext,
    ids?: readonly string[],
  ): Promise<WriteResult>;
  read(stream: string, options?: ReadStreamOptions): Promise<StreamRead>;
  readAll(options: { after: Position | null; filter?: LogFilter; limit?: number }): Promise<OpenedPage>;
  end(): Promise<Position | null>;
  follow(options: FollowOptions): AsyncIterable<OpenedPage>;
}
