import type { Clock } from '../kernel/clock.ts';
import type { Position, StoredEvent } from './event.ts';
import { EndCheck } from './end-check.ts';
import { OtherLog } from './errors.ts';
import type { EventStore, LogPage } from './port.ts';

/** What is kept in memory of some types of events. */
export interface WatchedMemory {
  readonly types: readonly string[];
  /** Forget everything. What comes from now on is all that was written since `since` (ms since 1970). */
  begin(since: number): void;
  /** In the log's order; `at` (ms since 1970) is when it was heard of. Throws where it is not to be understood. */
  note(event: StoredEvent, at: number): void;
}

/** Where a watch begins to read: everything written since `since` (ms since 1970) stands after the position. */
export interface StartPlace {
  readonly position: Position | null;
  readonly since: number;
}

export const FROM_THE_FIRST: StartPlace = { position: null, since: -Infinity };

export interface LogWatchParts {
  readonly store: Pick<EventStore, 'end' | 'follow'>;
  readonly clock: Clock;
  readonly memories: readonly WatchedMemory[];
  /** Asked before each reading. After a fault of the place itself the watch reads from the log's first event. */
  readonly startPlace: () => Promise<StartPlace>;
  readonly onFault: (fault: unknown) => void;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/**
 * Follows some types of events into memory, and knows whether that memory is current: whether within the last 500 ms
 * the log's end was read, and everything up to there had come. A follower that is silent, late or dead therefore never
 * counts as current, whatever it believes. The end is read only when somebody asks, and once for all who ask.
 */
export class LogWatch {
  readonly #parts: LogWatchParts;
  readonly #end: EndCheck;
  /** Ends the reading that is under way. */
  #reading = new AbortController();
  #position: Position | null = null;
  #wasCurrent = false;

  constructor(parts: LogWatchParts) {
    this.#parts = parts;
    this.#end = new EndCheck({
      end: () => parts.store.end(),
      clock: parts.clock,
      onFault: parts.onFault,
      onShorter: () => {
        this.#reading.abort(
          new OtherLog('The log ends before what was read of it: it is another one, or was put back'),
        );
      },
    });
  }

  /** Whether the memories hold everything that was written until 500 ms ago. */
  async isCurrent(): Promise<boolean> {
    const current = await this.#end.isCurrent();
    this.#wasCurrent ||= current;
    return current;
  }

  /** Whether the log cannot be reached; another try is under way then. */
  isAway(): Promise<boolean> {
    return this.#end.isAway();
  }

  /** For readiness: resolves once the memories have been current. */
  async check(): Promise<void> {
    if (!this.#wasCurrent && !(await this.isCurrent())) throw new Error('The log is still being read');
  }

  /** Follows until the signal; after a fault from the start again, with growing pauses. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, startPlace, onFault } = this.#parts;
    let placeIsWrong = false;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#read(placeIsWrong ? FROM_THE_FIRST : await startPlace(), signal, () => (failures = 0));
      } catch (fault) {
        if (isAborted(signal)) return;
        placeIsWrong = Error.isError(fault) && fault.name === OtherLog.name;
        onFault(fault);
      }
      await clock.sleep(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures), signal);
    }
  }

  async #read({ position, since }: StartPlace, signal: AbortSignal, onPage: () => void): Promise<void> {
    const { store, memories, onFault } = this.#parts;
    const reading = new AbortController();
    this.#reading = reading;
    for (const memory of memories) memory.begin(since);
    this.#position = position;
    this.#end.begin(position);
    const types = [...new Set(memories.flatMap((memory) => memory.types))];
    const until = AbortSignal.any([signal, reading.signal]);
    for await (const page of store.follow({ after: position, filter: { types }, signal: until, onFault })) {
      if (until.aborted) break;
      this.#take(page);
      onPage();
    }
    reading.signal.throwIfAborted();
  }

  #take({ events, position }: LogPage): void {
    const at = this.#parts.clock.now();
    for (const event of events)
      for (const memory of this.#parts.memories) if (memory.types.includes(event.type)) memory.note(event, at);
    if (position === this.#position) return;
    this.#position = position;
    this.#end.reach(position);
  }
}

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
