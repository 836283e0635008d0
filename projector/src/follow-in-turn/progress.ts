import { PartDown, type PartTells } from '@rollbook/shared/http/health';
import { fromInstant, SECOND, type Clock } from '@rollbook/shared/kernel/clock';

/** How a follower stands: `standby` while another copy leads, `faulty` while it tries again after a fault. */
export type FollowerState = 'starting' | 'standby' | 'following' | 'faulty';

/** Milliseconds without a sign of life after which a follower counts as stuck. */
const SILENCE = 5_000;
/**
 * Milliseconds behind the log from which on a follower is not ready. A standby takes over within seconds and a page takes
 * far less, so this is no hiccup; and it is still before anybody's patience with a changed name that does not show.
 */
export const MOST_LAG = 30 * SECOND;

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
    // What begins anew after a fault has yet to show that it gets past what stopped it.
    if (state === 'faulty') this.#caughtUp = false;
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

  /**
   * Resolves when this copy stands by, or follows, has reached the log's end since its last fault, and is not far behind
   * now; throws PartDown otherwise. Tells the lag; that of a standby is its leader's to tell.
   */
  check(): Promise<PartTells | undefined> {
    if (this.#state === 'standby') return Promise.resolve(undefined);
    const why = this.#whyNotReady();
    if (why === null) return Promise.resolve({ lagMs: this.lag });
    return Promise.reject(new PartDown(`is ${why}, ${String(this.lag)} ms behind`));
  }

  #whyNotReady(): string | null {
    if (this.#state !== 'following') return this.#state;
    if (this.#clock.now() - this.#heardAt > SILENCE) return 'silent';
    if (!this.#caughtUp) return 'catching up';
    return this.lag > MOST_LAG ? 'too far behind' : null;
  }
}
