import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { ConfigError } from '../process/start-error.ts';
import type { EventStore } from './port.ts';

export interface EventStoreSettings {
  /** `EVENT_STORE_URL`: postgres, postgresql, esdb or esdb+discover. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  /** As the store's list of connections shows it, where it has one. */
  readonly applicationName?: string;
  /** PostgreSQL: most connections that read at the same time. */
  readonly readers?: number;
  /** `NODE_ENV`. */
  readonly nodeEnv?: string | undefined;
  /** Told when a check at start could not be finished. */
  readonly onFault?: (fault: unknown) => void;
}

/** How long (ms) a start waits for the check of all streams. */
const CHECK = 10_000;

/**
 * The event log that the URL names; what one of them needs is loaded only when it is chosen. Throws ConfigError for a
 * connection string that is wrong, and for a log whose streams may lose events; StoreUnavailable when EventStoreDB
 * cannot be asked that.
 */
export const connectEventStore = async (settings: EventStoreSettings): Promise<EventStore> => {
  const { url, clock, random, applicationName, readers, nodeEnv, onFault } = settings;
  if (/^postgres(?:ql)?:/i.test(url)) {
    const { PostgresEventStore } = await import('./postgres/postgres-event-store.ts');
    const named = {
      ...(applicationName !== undefined && { applicationName }),
      ...(readers !== undefined && { readers }),
    };
    return new PostgresEventStore({ url, clock, random, ...named });
  }
  if (!/^esdb(?:\+discover)?:/i.test(url)) throw new ConfigError('EVENT_STORE_URL names no event log that is known.');
  const { EventStoreDbEventStore } = await import('./eventstoredb/eventstoredb-event-store.ts');
  const store = new EventStoreDbEventStore({ url, clock, random, nodeEnv });
  try {
    if (!(await store.checkStreams(CHECK)))
      onFault?.(new Error('The log is too long for its streams to be checked for settings that lose events'));
    return store;
  } catch (fault) {
    await store.close();
    throw fault;
  }
};
