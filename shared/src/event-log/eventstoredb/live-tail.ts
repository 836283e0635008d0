import type { Position } from '../event.ts';
import type { ReadParts, PlacedRecord } from './read-records.ts';
import type { Wanted } from './server-filter.ts';
import { TailRun } from './tail-run.ts';

/** A follower hands on within so many ms that its position has moved, though nothing came that it wants. */
const QUIET = 100;

export interface RecordPage {
  readonly records: readonly PlacedRecord[];
  readonly position: Position | null;
  readonly atEnd: boolean;
}

export interface TailFollower {
  readonly after: Position | null;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
  readonly limit: number;
}

/**
 * What comes at the log's end, by one subscription for all followers of this process that stand there. Each takes what it
 * wants at its own pace; who is further behind than what is kept has to go on alone.
 */
export class LiveTail {
  readonly #parts: ReadParts;
  #run: TailRun | undefined;
  /** Who takes from the run. */
  #followers = 0;

  constructor(parts: ReadParts) {
    this.#parts = parts;
  }

  /** Whether somebody who stands there is served by what others take from already. */
  holds(position: Position | null): boolean {
    return this.#run?.isOver === false && this.#run.holds(position);
  }

  /** Ends with the signal, and where the follower has to go on alone. Throws the fault of the subscription. */
  async *follow({ after, wanted, signal, limit }: TailFollower): AsyncGenerator<RecordPage, void> {
    const { clock } = this.#parts;
    const run = this.#join(after);
    let position = after;
    let looks = run.looks;
    let handed = { position, at: clock.now() };
    try {
      while (!isAborted(signal)) {
        const news = run.news.count;
        run.throwFault();
        if (run.isOver || !run.holds(position)) return;
        const taken = run.take(position, wanted, limit);
        ({ position } = taken);
        const atEnd = run.looks > looks && run.isEnd(position);
        const hasMoved = position !== handed.position && clock.now() - handed.at >= QUIET;
        if (taken.records.length > 0 || atEnd || hasMoved) {
          if (atEnd) ({ looks } = run);
          handed = { position, at: clock.now() };
          yield { records: taken.records, position, atEnd };
        } else await run.news.wait(news, QUIET, signal);
      }
    } finally {
      this.#leave(run);
    }
  }

  #join(position: Position | null): TailRun {
    if (!this.#run || this.#run.isOver) {
      this.#run = new TailRun(this.#parts, position);
      this.#followers = 0;
    }
    this.#followers += 1;
    return this.#run;
  }

  #leave(run: TailRun): void {
    // One that is over has no followers to be counted.
    if (run !== this.#run) return;
    this.#followers -= 1;
    if (this.#followers > 0) return;
    run.stop();
    this.#run = undefined;
  }
}

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
