import { fromInstant, HOUR, MINUTE, toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { SignInRefusals } from './sign-in-refusals.ts';

/** The counts in memory, for one process alone. */
export const memorySignInRefusals = (clock: Clock): SignInRefusals => {
  const counts = new Map<string, number>();
  return {
    add: (userId) => {
      const key = `${userId} ${toInstant(Math.floor(clock.now() / HOUR) * HOUR)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return Promise.resolve();
    },
    ended: () =>
      Promise.resolve(
        [...counts]
          .map(([key, count]) => {
            const [userId = '', from = ''] = key.split(' ');
            return { userId, from, count };
          })
          .filter(({ from }) => fromInstant(from) < clock.now() - HOUR - MINUTE),
      ),
    remove: ({ userId, from }) => {
      counts.delete(`${userId} ${from}`);
      return Promise.resolve();
    },
  };
};
