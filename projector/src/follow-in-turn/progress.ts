import { fromInstant, type Clock } from '@rollbook/shared/kernel/clock';

/** How a follower stands: `standby` while another copy leads, `faulty` while it tries again after a fault. */
export type FollowerState = 'starting' | 'standby' | 'following' | 'faulty';

/** Milliseconds without a sign of life after which a follower counts as stuck. */
const SILENCE = 5_000;

/** What a follower tells of itself, for readiness and for operators. */
export class Progress {
  readonly name: string;
  readonly #clock: Clock;
  #state: FollowerState = 'starting';
  #heardAt = 0;
  #caughtUp = false;
  #atEnd = false;
  #lastTime: string | null = null;
  #position: string | null = null;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  get state(): FollowerState {
    return this.#state;
  }

  get position(): string | null {
    return this.#position;
  }

  /** Milliseconds between the last handled event and now; 0 at the log's end. */
  get lag(): number {
    return this.#atEnd || this.#lastTime === null ? 0 : Math.max(0, this.#clock.now() - fromInstant(this.#lastTime));
  }

  become(state: FollowerState): void {
    this.#state = state;
    this.#heardAt = this.#clock.now();
  }

  handled(position: string | null, time: string | null, atEnd: boolean): void {
    this.become('following');
    this.#position = position;
    this.#lastTime = time ?? this.#lastTime;
    this.#atEnd = atEnd;
    this.#caughtUp ||= atEnd;
  }

  /** Resolves when this copy stands by, or follows and has reached the log's end once; throws a sentence otherwise. */
  check(): Promise<void> {
    const silent = this.#clock.now() - this.#heardAt > SILENCE;
    if (this.#state === 'standby') return Promise.resolve();
    if (this.#state === 'following' && this.#caughtUp && !silent) return Promise.resolve();
    const why = this.#state === 'following' ? (silent ? 'silent' : 'catching up') : this.#state;
    return Promise.reject(new Error(`${this.name} is ${why}, ${String(this.lag)} ms behind`));
  }
}
