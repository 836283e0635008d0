import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { keyRingContract } from './key-ring.contract.ts';

keyRingContract('memory', () => {
  const ring = new MemoryKeyRing({ random: systemRandom });
  return Promise.resolve({ open: () => ring, end: () => Promise.resolve() });
});

keyRingContract('memory behind a cache', () => {
  // The cache's own sweep must not keep the test's process alive.
  const clock = { ...systemClock, sleep: (ms: number) => pause(ms, undefined, { ref: false }) };
  const ring = new CachedKeyRing({ ring: new MemoryKeyRing({ random: systemRandom }), clock });
  return Promise.resolve({ open: () => ring, end: () => Promise.resolve() });
});
