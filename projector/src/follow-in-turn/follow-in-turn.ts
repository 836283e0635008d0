import type { LogPage, LogFilter, EventStore } from '@rollbook/shared/event-log/port';
import type { Position } from '@rollbook/shared/event-log/event';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import { whileLeading } from './leadership.ts';
import { loadPosition, noteAtEnd, noteOtherLog, OtherLog, type FollowerId, type Move } from './position.ts';
import type { Progress } from './progress.ts';

export interface FollowerParts {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

export interface Follower extends FollowerId {
  readonly filter?: LogFilter;
  /** Called once whenever this copy begins to lead, before the first page. The signal says that it leads no more. */
  begin?(leading: AbortSignal): Promise<void>;
  /** Does the page's work and saves `move` with `savePosition`, in whatever order its promise needs. */
  handle(page: LogPage, move: Move): Promise<void>;
}

/** Milliseconds between two notes that the follower stands at the end. */
const NOTE = 1_000;

/**
 * Follows the log until the signal: one copy at a time, from the saved position, page after page. After a fault it
 * starts over from what is saved, with backoff (100 ms, doubling to 5 s). Never rejects.
 */
export const followInTurn = async (
  parts: FollowerParts,
  follower: Follower,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> => {
  const { clock } = parts;
  let failures = 0;
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    try {
      const onStandby = (): void => {
        progress.become('standby');
      };
      const lead = { databaseUrl: parts.databaseUrl, name: follower.name, clock, signal, onStandby };
      await whileLeading(lead, (leading) => followAsLeader(parts, follower, progress, leading, () => (failures = 0)));
      // The connection that held the lock broke: to be tried again like any fault.
      if (!stopped()) throw new Error(`${follower.name} no longer leads`);
    } catch (fault) {
      failures += 1;
      progress.become('faulty');
      parts.onFault(fault);
      if (Error.isError(fault) && fault.name === OtherLog.name)
        await noteOtherLog(parts.pool, follower).catch((unnoted: unknown) => parts.onFault(unnoted));
      await clock.sleep(Math.min(50 * 2 ** failures, 5_000), signal);
    }
  }
};

const followAsLeader = async (
  { pool, store, clock, onFault }: FollowerParts,
  follower: Follower,
  progress: Progress,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> => {
  let position = await loadPosition(pool, follower, await store.logId());
  if (follower.begin) {
    progress.become('starting');
    await follower.begin(signal);
  }
  progress.become('following');
  let notedAt = 0;
  const options = { after: position, signal, onFault, ...(follower.filter ? { filter: follower.filter } : {}) };
  for await (const page of store.follow(options)) {
    if (signal.aborted) return;
    const move = moveOver(position, page);
    if (move) {
      await follower.handle(page, move);
      position = move.to;
      notedAt = clock.now();
    } else if (page.atEnd && clock.now() - notedAt >= NOTE) {
      await noteAtEnd(pool, follower, position);
      notedAt = clock.now();
    }
    onProgress();
    progress.handled(position, page.events.at(-1)?.recordedAt ?? null, page.atEnd);
  }
};

/** How the page moves the position, or null when it does not. */
export const moveOver = (from: Position | null, page: LogPage): Move | null => {
  if (page.position === null || page.position === from) return null;
  const time = page.events.at(-1)?.recordedAt ?? null;
  return { from, to: page.position, time, events: page.events.length, atEnd: page.atEnd };
};
