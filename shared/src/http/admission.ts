/** A place that was given; releasing it twice is harmless. */
export interface Place {
  release(): void;
}

/** Bounds how many requests of one kind are under way at once, from before the first byte of their bodies is read. */
export class Admission {
  readonly #places: number;
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** A place, or null when all are taken: then answer 503. */
  enter(): Place | null {
    if (this.#taken >= this.#places) return null;
    this.#taken += 1;
    let held = true;
    return {
      release: () => {
        if (held) this.#taken -= 1;
        held = false;
      },
    };
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#taken;
  }
}
