/** Work that is on its way: whoever asks for the same meanwhile gets what comes of it, and it is done once. */
export class Underway<Outcome> {
  readonly #works = new Map<string, Promise<Outcome>>();

  async join(key: string, work: () => Promise<Outcome>): Promise<Outcome> {
    const known = this.#works.get(key);
    if (known) return known;
    const mine = work();
    this.#works.set(key, mine);
    try {
      return await mine;
    } finally {
      this.#works.delete(key);
    }
  }
}
