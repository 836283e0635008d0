import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { MemoryPictureStore } from '@rollbook/shared/pictures/memory-picture-store';
import { pictureStoreContract } from './picture-store.contract.ts';

pictureStoreContract('memory', () => {
  const store = new MemoryPictureStore({ clock });
  return Promise.resolve({ open: () => store, end: () => Promise.resolve() });
});
