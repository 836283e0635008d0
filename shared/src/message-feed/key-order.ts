import type { ReceivedMessage } from './port.ts';

export interface Entry {
  readonly message: ReceivedMessage;
  /** The message's number in its partition; later messages have higher ones. */
  readonly place: number;
  done: boolean;
}

interface Delay {
  attempts: number;
  /** Milliseconds since 1970. */
  until: number;
}

/** Milliseconds before the n-th redelivery (n from 1). */
export const redeliveryDelay = (attempts: number): number => Math.min(100 * 2 ** (attempts - 1), 30_000);

/**
 * The messages of one partition that are fetched and not acknowledged. A message that failed holds back the later ones
 * of its key, and no other; the place up to which everything is handled moves on without gaps.
 */
export class KeyOrder {
  #entries: Entry[] = [];
  readonly #delays = new Map<string, Delay>();
  #fetched: number;
  #handled: number;

  /** `after`: the place that was acknowledged last. */
  constructor(after: number) {
    this.#fetched = after;
    this.#handled = after;
  }

  /** The place to fetch after. */
  get fetched(): number {
    return this.#fetched;
  }

  /** Everything up to here is handled. */
  get handled(): number {
    return this.#handled;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(message: ReceivedMessage, place: number): void {
    if (place <= this.#fetched) return;
    this.#entries.push({ message, place, done: false });
    this.#fetched = place;
  }

  /** The next message that may be handled now, or the milliseconds until one may (null: none is waiting). */
  next(now: number): Entry | number | null {
    let wait: number | null = null;
    for (const entry of this.#entries) {
      if (entry.done) continue;
      const until = this.#delays.get(entry.message.key)?.until ?? 0;
      if (until <= now) return entry;
      wait = Math.min(wait ?? Infinity, until - now);
    }
    return wait;
  }

  succeeded(entry: Entry): void {
    entry.done = true;
    this.#delays.delete(entry.message.key);
    const open = this.#entries.findIndex(({ done }) => !done);
    const settled = open === -1 ? this.#entries.length : open;
    this.#handled = this.#entries[settled - 1]?.place ?? this.#handled;
    this.#entries = this.#entries.slice(settled);
  }

  failed(entry: Entry, now: number): void {
    const attempts = (this.#delays.get(entry.message.key)?.attempts ?? 0) + 1;
    this.#delays.set(entry.message.key, { attempts, until: now + redeliveryDelay(attempts) });
  }
}
