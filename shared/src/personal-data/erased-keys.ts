import { personOfStream } from '../contracts/streams.ts';
import type { StoredEvent } from '../event-log/event.ts';
import { lookThrough } from '../event-log/keep-following.ts';
import type { EventStore } from '../event-log/port.ts';
import type { Clock } from '../kernel/clock.ts';
import { untilDone } from '../kernel/repeat.ts';
import type { KeyRing } from './key-ring.ts';

/** The types of the events that order a key's destruction. */
export const ERASURES: readonly string[] = ['PersonErased'];

type Keys = Pick<KeyRing, 'findMany' | 'destroy'>;

/** Leaves a tombstone for everybody of these events who has none. Most have one already, and are asked for all at once. */
export const destroyKeysOf = async (keys: Keys, events: readonly StoredEvent[]): Promise<void> => {
  const erased = new Map(
    events.flatMap(({ stream, position }) => {
      const person = personOfStream(stream);
      return person === null ? [] : [[person, position] as const];
    }),
  );
  if (erased.size === 0) return;
  const found = await keys.findMany([...erased.keys()]);
  for (const [person, position] of erased) if (found.get(person) !== 'destroyed') await keys.destroy(person, position);
};

export interface SweepOptions {
  readonly store: EventStore;
  readonly keys: Keys;
  readonly onFault: (fault: unknown) => void;
}

/**
 * Goes through the whole log, and destroys what lives of whoever is erased there, unless the signal comes first. Throws
 * what the keys throw.
 */
export const sweepErasedKeys = async ({ store, keys, onFault }: SweepOptions, signal: AbortSignal): Promise<void> => {
  await lookThrough({ log: store, after: null, types: ERASURES, signal, onFault }, ({ events }) =>
    destroyKeysOf(keys, events),
  );
};

export interface ErasedKeysOptions extends SweepOptions {
  readonly clock: Clock;
}

/**
 * A service's own look at the keys, once at its start: a table of keys that was put back from a backup holds keys again
 * that were destroyed. Until that is done no service says that it is ready.
 */
export class ErasedKeys {
  readonly #options: ErasedKeysOptions;
  #swept = false;

  constructor(options: ErasedKeysOptions) {
    this.#options = options;
  }

  /** Sweeps once; after a fault again in a second. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await untilDone({ ...this.#options, signal }, async () => {
      await sweepErasedKeys(this.#options, signal);
      this.#swept = !signal.aborted;
    });
  }

  /** Resolves once it is done; throws a sentence before. */
  check(): Promise<void> {
    if (this.#swept) return Promise.resolve();
    return Promise.reject(new Error('The keys of whoever was erased are being looked through'));
  }
}
