import { personOfStream } from '../contracts/streams.ts';
import type { StoredEvent } from '../event-log/event.ts';
import type { EventStore, LogFilter } from '../event-log/port.ts';
import { SECOND, type Clock } from '../kernel/clock.ts';
import type { KeyRing } from './key-ring.ts';

/** The events that order a key's destruction. */
export const ERASURES: LogFilter = { types: ['PersonErased'] };

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

/** Goes through the whole log, and destroys what lives of whoever is erased there, unless the signal comes first. */
export const sweepErasedKeys = async (store: EventStore, keys: Keys, signal: AbortSignal): Promise<void> => {
  let after = null;
  while (!signal.aborted) {
    const page = await store.readAll({ after, filter: ERASURES });
    await destroyKeysOf(keys, page.events);
    if (page.atEnd) return;
    after = page.position;
  }
};

export interface ErasedKeysOptions {
  readonly store: EventStore;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
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
    const { store, keys, clock, onFault } = this.#options;
    while (!this.#swept && !signal.aborted) {
      try {
        await sweepErasedKeys(store, keys, signal);
        this.#swept = !signal.aborted;
      } catch (fault) {
        onFault(fault);
        await clock.sleep(SECOND, signal);
      }
    }
  }

  /** Resolves once it is done; throws a sentence before. */
  check(): Promise<void> {
    if (this.#swept) return Promise.resolve();
    return Promise.reject(new Error('The keys of whoever was erased are being looked through'));
  }
}
