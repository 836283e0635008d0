import { MINUTE, type Clock } from '@rollbook/shared/kernel/clock';

/**
 * Failed sign-ins under names that nobody has: no events, or strangers could grow the log with invented names, but a
 * number in the service's own log, at most once a minute.
 */
export class UnknownNames {
  readonly #clock: Clock;
  readonly #log: (count: number) => void;
  #count = 0;
  #loggedAt = -Infinity;

  constructor(clock: Clock, log: (count: number) => void) {
    this.#clock = clock;
    this.#log = log;
  }

  add(): void {
    this.#count += 1;
    if (this.#clock.now() - this.#loggedAt >= MINUTE) this.flush();
  }

  /** Logs what was counted since; before the service ends. */
  flush(): void {
    if (this.#count === 0) return;
    this.#log(this.#count);
    this.#count = 0;
    this.#loggedAt = this.#clock.now();
  }
}
