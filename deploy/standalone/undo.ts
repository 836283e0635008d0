/** What was started, so that it can be stopped in the opposite order. */
export class Undo {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #running: Promise<void> | undefined;

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /**
   * Stops everything once, newest first, one after the other; a step that fails does not keep the others running.
   * Resolves after `mostMs` at the latest, when given. Throws the first fault of a step.
   */
  run(mostMs?: number): Promise<void> {
    this.#running ??= this.#all();
    const all = this.#running;
    if (mostMs === undefined) return all;
    return new Promise((resolve) => {
      const late = setTimeout(resolve, mostMs);
      const done = (): void => {
        clearTimeout(late);
        resolve();
      };
      all.then(done, done);
    });
  }

  async #all(): Promise<void> {
    const faults: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
