import { EventStoreDBClient } from '@eventstore/db-client';
import {
  EventStoreDbEventStore,
  type EventStoreDbOptions,
} from '@rollbook/shared/event-log/eventstoredb/eventstoredb-event-store';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import type { Order } from './eventstore-node/misbehaviour.ts';
import { startEventStoreNode, type EventStoreNode, type NodeOptions } from './eventstore-node/node.ts';

/** What a test orders, for whichever call. */
export type Misdeed = Omit<Order, 'on'>;

/** A node for tests, stores on it, and the plain client for what no store does. */
export interface EventStoreDbLog {
  readonly node: EventStoreNode;
  readonly client: EventStoreDBClient;
  open(settings?: Partial<EventStoreDbOptions>): EventStoreDbEventStore;
  end(): Promise<void>;
}

/** Stores wait for the answer to one append at most 400 ms, so that what is lost is asked again soon. */
export const startEventStoreDbLog = async (options: NodeOptions = {}): Promise<EventStoreDbLog> => {
  const node = await startEventStoreNode(options);
  const client = EventStoreDBClient.connectionString(node.connectionString);
  const stores: EventStoreDbEventStore[] = [];
  return {
    node,
    client,
    open: (settings = {}) => {
      const store = new EventStoreDbEventStore({
        url: node.connectionString,
        clock: systemClock,
        random: systemRandom,
        nodeEnv: 'test',
        answerLimit: 400,
        readLimit: 1_000,
        ...settings,
      });
      stores.push(store);
      return store;
    },
    end: async () => {
      node.thaw();
      await Promise.all(stores.map((store) => store.close()));
      await client.dispose();
      await node.stop();
    },
  };
};
