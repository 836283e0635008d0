import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { AGAIN } from '@rollbook/shared/event-log/rounds';
import { fromInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Command } from './command.ts';
import { ownEffect, type Effect } from './own-events.ts';

/**
 * Which attempt of a command an execution is at. It begins at the first, and moves past those whose effect is older
 * than a key is kept (the same key is a new command then), and those that came to nothing.
 */
export class Attempts {
  readonly #command: Command;
  readonly #clock: Clock;
  #attempt = 0;

  constructor(command: Command, clock: Clock) {
    this.#command = command;
    this.#clock = clock;
  }

  /** Of the attempt that the execution is at. */
  get commandId(): string {
    return this.#command.idOf(this.#attempt);
  }

  /** Moves on to the next attempt, for which everything is read again. */
  next(): typeof AGAIN {
    this.#attempt += 1;
    return AGAIN;
  }

  /** Moves past an attempt whose event this is, if that is too old; null where it is not. */
  passOver({ recordedAt }: AnyEvent): typeof AGAIN | null {
    return fromInstant(recordedAt) + this.#command.lifetime < this.#clock.now() ? this.next() : null;
  }

  /** What the attempt did to the person of these events, or null; moves past it where that is too old. */
  effectIn(events: readonly AnyEvent[]): Effect | typeof AGAIN | null {
    const effect = ownEffect(events, this.commandId);
    return (effect && this.passOver(effect.last)) ?? effect;
  }
}
