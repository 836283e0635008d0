import { EventStoreDbEventStore } from '@rollbook/shared/event-log/eventstoredb/eventstoredb-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { startEventStoreNode } from '../support/eventstore-node/node.ts';
import { eventStoreContract } from './event-store.contract.ts';

const given = process.env['EVENTSTORE_TEST_URL'];

eventStoreContract(given === undefined ? 'EventStoreDB (the node for tests)' : 'EventStoreDB', async () => {
  const node = given === undefined ? await startEventStoreNode() : undefined;
  const opened: EventStore[] = [];
  const open = (): EventStore => {
    const url = node?.connectionString ?? given ?? '';
    const store = new EventStoreDbEventStore({ url, clock: systemClock, random: systemRandom, nodeEnv: 'test' });
    opened.push(store);
    return store;
  };
  const end = async (): Promise<void> => {
    await Promise.all(opened.map((store) => store.close()));
    await node?.stop();
  };
  return { open, end };
});
