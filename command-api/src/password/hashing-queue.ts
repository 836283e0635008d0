/** A place in the queue, held from before the first claim until the hash is made. */
export interface HashingPlace {
  /** Waits for a lane and runs the work there. Once. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Gives the place back; harmless when it was used or given back already. */
  release(): void;
}

/**
 * Bounds how many hashes run at once (lanes, about one per core) and how many may wait. Hashing takes some 200 ms of a
 * core, so an unbounded queue would only turn a burst into time-outs.
 */
export class HashingQueue {
  readonly #lanes: number;
  readonly #places: number;
  #taken = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** `lanes` hashes at once, `places` in all (running, waiting and reserved). */
  constructor({ lanes, places }: { readonly lanes: number; readonly places: number }) {
    this.#lanes = lanes;
    this.#places = places;
  }

  /** A place, or null when all are taken: then answer 503. */
  reserve(): HashingPlace | null {
    if (this.#taken >= this.#places) return null;
    this.#taken += 1;
    let held = true;
    const release = (): void => {
      if (held) this.#taken -= 1;
      held = false;
    };
    return {
      release,
      run: async (work) => {
        await this.#enter();
        try {
          return await work();
        } finally {
          this.#leave();
          release();
        }
      },
    };
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#taken;
  }

  async #enter(): Promise<void> {
    if (this.#running >= this.#lanes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The lane goes from hand to hand, so nobody slips in between.
    if (next) next();
    else this.#running -= 1;
  }
}
