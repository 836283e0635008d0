import { SECOND, type Clock } from '../kernel/clock.ts';
import type { Position } from './event.ts';
import type { FollowOptions } from './port.ts';

interface Page {
  readonly position: Position | null;
  readonly atEnd: boolean;
}

/** An `EventStore`, or an `EventLog` for opened events. */
interface Followed<P extends Page> {
  follow(options: FollowOptions): AsyncIterable<P>;
}

export interface LookingThrough<P extends Page> {
  readonly log: Followed<P>;
  /** null: the whole log. */
  readonly after: Position | null;
  readonly types: readonly string[];
  readonly signal: AbortSignal;
  /** Told of faults of the log, which are survived. */
  readonly onFault: (fault: unknown) => void;
}

export interface KeepFollowing<P extends Page> extends LookingThrough<P> {
  readonly clock: Clock;
}

/**
 * Hands on everything of some types that stands in the log, until its end or the signal, and gives how far it came.
 * Where the server can (EventStoreDB filters what is followed, not what is read), only these events are sent. Throws what
 * `handle` throws.
 */
export const lookThrough = async <P extends Page>(
  { log, after, types, signal, onFault }: LookingThrough<P>,
  handle: (page: P) => Promise<void>,
): Promise<Position | null> => {
  let reached = after;
  for await (const page of log.follow({ after, filter: { types }, signal, onFault })) {
    await handle(page);
    reached = page.position;
    if (page.atEnd) break;
  }
  return reached;
};

/**
 * Hands on everything of some types that comes after a place, until the signal. After a fault of `handle` the same page
 * comes again in a second: what it does must bear that. Never rejects.
 */
export const keepFollowing = async <P extends Page>(
  { log, after, types, signal, onFault, clock }: KeepFollowing<P>,
  handle: (page: P) => Promise<void>,
): Promise<void> => {
  let reached = after;
  while (!signal.aborted) {
    try {
      for await (const page of log.follow({ after: reached, filter: { types }, signal, onFault })) {
        await handle(page);
        reached = page.position;
      }
    } catch (fault) {
      onFault(fault);
    }
    await clock.sleep(SECOND, signal);
  }
};
