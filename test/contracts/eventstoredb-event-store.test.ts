import { afterAll } from '@jest/globals';
import { EventStoreDbEventStore } from '@rollbook/shared/event-log/eventstoredb/eventstoredb-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { eventStoreDbServer } from '../support/eventstoredb-server.ts';
import { eventStoreContract } from './event-store.contract.ts';

const server = await eventStoreDbServer();

afterAll(async () => {
  await server.stop();
});

eventStoreContract(server.name, () => {
  const opened: EventStore[] = [];
  const open = (): EventStore => {
    const store = new EventStoreDbEventStore({
      url: server.url,
      clock: systemClock,
      random: systemRandom,
      nodeEnv: 'test',
    });
    opened.push(store);
    return store;
  };
  const end = async (): Promise<void> => {
    await Promise.all(opened.map((store) => store.close()));
  };
  return Promise.resolve({ open, end });
});
