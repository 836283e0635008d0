/**
 * Lets what concerns one person go one after the other within this process: fifty failures at once would otherwise race
 * each other for the end of one stream, fifty times. Copies still race, one each.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the work when everything that was asked before under this key is over, however that ended. */
  async run(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    const over = mine.catch(() => undefined);
    this.#last.set(key, over);
    try {
      await mine;
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
    }
  }
}
