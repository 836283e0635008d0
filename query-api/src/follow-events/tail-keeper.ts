import { Tail, type TailParts } from './tail.ts';

/** A tail for as long as somebody reads from it. */
export interface Seat {
  readonly tail: Tail;
  /** Once. */
  readonly leave: () => void;
}

/**
 * The one tail of this process: it follows the log while it has readers, however many, and not without any. One that has
 * failed is left to its readers, and the next one to come gets a new one.
 */
export class TailKeeper {
  readonly #parts: TailParts;
  #current: { readonly tail: Tail; readers: number; readonly stop: AbortController } | undefined;

  constructor(parts: TailParts) {
    this.#parts = parts;
  }

  join(): Seat {
    if (this.#current?.tail.failed !== false) {
      const [tail, stop] = [new Tail(this.#parts), new AbortController()];
      this.#current = { tail, readers: 0, stop };
      void tail.run(stop.signal);
    }
    const current = this.#current;
    current.readers += 1;
    return {
      tail: current.tail,
      leave: () => {
        current.readers -= 1;
        if (current.readers > 0) return;
        current.stop.abort();
        if (this.#current === current) this.#current = undefined;
      },
    };
  }
}
