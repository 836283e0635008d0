/** A place that was given; releasing it twice is harmless. */
export interface Place {
  release(): void;
}

/**
 * Bounds how many requests of one kind are under way at once, in all and for each person, from before the first byte of
 * their bodies is read: so nobody who sends slowly keeps everybody else waiting.
 */
export class Admission {
  readonly #places: number;
  readonly #each: number;
  readonly #byPerson = new Map<string, number>();
  #taken = 0;

  constructor(places: number, each: number) {
    this.#places = places;
    this.#each = each;
  }

  /** A place for this person, or null when all places, or all of theirs, are taken. */
  enter(person: string): Place | null {
    const own = this.#byPerson.get(person) ?? 0;
    if (this.full || own >= this.#each) return null;
    this.#taken += 1;
    this.#byPerson.set(person, own + 1);
    let held = true;
    return {
      release: () => {
        if (held) this.#leave(person);
        held = false;
      },
    };
  }

  #leave(person: string): void {
    this.#taken -= 1;
    const left = (this.#byPerson.get(person) ?? 1) - 1;
    if (left === 0) this.#byPerson.delete(person);
    else this.#byPerson.set(person, left);
  }

  /** Whether all places are taken. */
  get full(): boolean {
    return this.#taken >= this.#places;
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#taken;
  }
}
