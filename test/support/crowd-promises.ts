import { expect } from '@jest/globals';
import type { CrowdSeen, Walk } from './walk-in-a-crowd.ts';

const timesMet = ({ met }: Walk): ReadonlyMap<string, number> => {
  const times = new Map<string, number>();
  for (const id of met) times.set(id, (times.get(id) ?? 0) + 1);
  return times;
};

interface Broken {
  readonly walk: string;
  readonly missed: readonly string[];
  readonly twice: readonly string[];
}

/** Who of these people a walk missed, or met more than once; nobody where it promises so much. */
const broken = (
  walks: readonly Walk[],
  promise: (walk: Walk) => { readonly never: readonly string[]; readonly once: readonly string[] },
): readonly Broken[] =>
  walks.flatMap((walk) => {
    const times = timesMet(walk);
    const { never, once } = promise(walk);
    const missed = never.filter((id) => !times.has(id));
    const twice = once.filter((id) => (times.get(id) ?? 0) > 1);
    const { key, order } = walk.sort;
    return missed.length + twice.length === 0 ? [] : [{ walk: `${key} ${order}`, missed, twice }];
  });

/** Whoever stands still is met exactly once, whoever comes or goes at most once, by every order. */
export const expectEverybodyOnce = ({ walks, staying, moving }: CrowdSeen): void => {
  const movers = new Set(moving);
  const others = ({ met }: Walk): readonly string[] => [...new Set(met)].filter((id) => !movers.has(id));
  expect(broken(walks, (walk) => ({ never: staying, once: others(walk) }))).toStrictEqual([]);
};

/**
 * Of people whose own values change: by what does not change they are met exactly once. By a time that only grows,
 * nobody is missed from the oldest on, and nobody met twice from the newest on.
 */
export const expectWhatMoversArePromised = ({ walks, moving, movingSignedIn }: CrowdSeen): void => {
  const NOTHING = { never: [], once: [] };
  expect(
    broken(walks, ({ sort: { key, order } }) => {
      // The crowd changes neither.
      if (key === 'created_at' || key === 'username' || key === 'email') return { never: moving, once: moving };
      if (key === 'updated_at') return order === 'asc' ? { never: moving, once: [] } : { never: [], once: moving };
      if (key === 'last_login')
        return order === 'asc' ? { never: movingSignedIn, once: [] } : { never: [], once: moving };
      return NOTHING;
    }),
  ).toStrictEqual([]);
};
