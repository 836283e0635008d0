import { OtherLog, StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import { News } from '@rollbook/shared/event-log/news';
import type { EventStore, LogPage } from '@rollbook/shared/event-log/port';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { PUBLIC_STREAMS, publicStretch, type Frame, type Stretch } from './public-stretch.ts';

export interface TailParts {
  readonly store: Pick<EventStore, 'end' | 'follow'>;
  readonly clock: Clock;
  /** Told of faults of the log, which are survived. */
  readonly onFault: (fault: unknown) => void;
  /** Most bytes of messages that are held. Default: 4 MiB. */
  readonly most?: number;
}

const MOST = 4 * 1024 * 1024;
/** Most bytes that one reader is given at once. */
const PIECE = 64 * 1024;
/** Between two tries to find the log's end, and between two looks whether it still reaches as far as was read. */
const PAUSE = SECOND;
const LOOK = 5 * SECOND;

const isBefore = (one: Position | null, other: Position | null): boolean =>
  other !== null && (one === null || one < other);

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/**
 * The newest public messages of the log, followed once for all readers who stand near its end. It holds a bounded part:
 * who is further back reads the log. Nothing is kept for a reader: each has a place of its own and asks.
 */
export class Tail {
  readonly #parts: TailParts;
  readonly #news: News;
  /** In the log's order; everything public after `#since` and up to `#reached`. */
  #frames: Frame[] = [];
  #bytes = 0;
  /** undefined: nothing is held yet. */
  #since: Position | null | undefined;
  #reached: Position | null = null;
  #fault: { readonly fault: unknown } | undefined;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#news = new News(parts.clock);
  }

  /** Whether it follows no more: whoever comes now needs another one. */
  get failed(): boolean {
    return this.#fault !== undefined;
  }

  /** To be noted before `after` is asked, and handed to `wait`. */
  get news(): number {
    return this.#news.count;
  }

  /** Resolves on news since then, after `ms`, or on the signal. */
  wait(seen: number, ms: number, signal: AbortSignal): Promise<void> {
    return this.#news.wait(seen, ms, signal);
  }

  /**
   * What comes after this place, at most some 64 KiB at once; null: that is further back than what is held. Once all of it
   * was asked for, throws why the tail ended.
   */
  after(place: Position | null): Stretch | null {
    if (this.#since === undefined || isBefore(place, this.#since)) {
      if (this.#fault) throw this.#fault.fault;
      return null;
    }
    const frames: Frame[] = [];
    let bytes = 0;
    for (let index = this.#firstAfter(place); index < this.#frames.length && bytes < PIECE; index += 1) {
      const frame = this.#frames[index] as Frame;
      frames.push(frame);
      bytes += frame.bytes.length;
    }
    const last = frames.at(-1)?.position ?? null;
    if (last !== null && last !== this.#frames.at(-1)?.position) return { frames, position: last };
    if (frames.length === 0 && this.#fault) throw this.#fault.fault;
    return { frames, position: isBefore(place, this.#reached) ? this.#reached : place };
  }

  /** Follows the log's end until the signal. Never rejects: `after` tells what ended it. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const until = AbortSignal.any([signal, ended.signal]);
    const fail = (fault: unknown): void => {
      this.#fault ??= { fault };
      this.#news.announce();
      ended.abort();
    };
    const looking = this.#look(until).catch(fail);
    await this.#follow(until).catch(fail);
    ended.abort();
    await looking;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { store, onFault } = this.#parts;
    const end = await this.#findEnd(signal);
    if (end === undefined) return;
    this.#since = this.#reached = end;
    this.#news.announce();
    const options = { after: end, filter: PUBLIC_STREAMS, signal, limit: 200, onFault };
    for await (const page of store.follow(options)) if (!signal.aborted) this.#take(page);
  }

  async #findEnd(signal: AbortSignal): Promise<Position | null | undefined> {
    const { store, clock, onFault } = this.#parts;
    while (!signal.aborted) {
      try {
        return await store.end();
      } catch (fault) {
        if (!(fault instanceof StoreUnavailable)) throw fault;
        onFault(fault);
        await clock.sleep(PAUSE, signal);
      }
    }
    return undefined;
  }

  /** The log must reach as far as was read: a log that was put back gives old places to new events. */
  async #look(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(LOOK, signal);
      const reached = this.#reached;
      if (isAborted(signal) || reached === null) continue;
      // Away: the follower says so, and goes on by itself.
      const end = await store.end().catch(() => undefined);
      if (end !== undefined && isBefore(end, reached)) throw new OtherLog('The log ends before what was read of it');
    }
  }

  #take(page: LogPage): void {
    if (page.position === this.#reached && page.events.length === 0) return;
    const { frames, position } = publicStretch(page);
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#bytes += frame.bytes.length;
    }
    this.#reached = position;
    this.#forget();
    // Not for what is private: nobody is to be woken by every sign-in.
    if (frames.length > 0) this.#news.announce();
    const rest = page.events.filter((event) => isBefore(position, event.position));
    if (rest.length > 0) this.#take({ ...page, events: rest });
  }

  #forget(): void {
    let forgotten = 0;
    for (const frame of this.#frames) {
      if (this.#bytes <= (this.#parts.most ?? MOST)) break;
      this.#bytes -= frame.bytes.length;
      this.#since = frame.position;
      forgotten += 1;
    }
    this.#frames.splice(0, forgotten);
  }

  /** The index of the first message after the place. */
  #firstAfter(place: Position | null): number {
    let [low, high] = [0, this.#frames.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(place, (this.#frames[middle] as Frame).position)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
