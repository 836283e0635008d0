import type { EventStore } from '@rollbook/shared/event-log/port';
import { PostgresEventStore } from '@rollbook/shared/event-log/postgres/postgres-event-store';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { createDatabase } from '../support/postgres.ts';
import { eventStoreContract } from './event-store.contract.ts';

eventStoreContract('PostgreSQL', async () => {
  const { url, drop } = await createDatabase();
  const opened: EventStore[] = [];
  const open = (): EventStore => {
    const store = new PostgresEventStore({ url, clock: systemClock, random: systemRandom });
    opened.push(store);
    return store;
  };
  const end = async (): Promise<void> => {
    await Promise.all(opened.map((store) => store.close()));
    await drop();
  };
  return { open, end };
});
