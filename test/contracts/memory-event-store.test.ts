import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { eventStoreContract } from './event-store.contract.ts';

eventStoreContract('memory', () => {
  const store = new MemoryEventStore({ clock: systemClock });
  return Promise.resolve({ open: () => store, end: () => store.close() });
});
