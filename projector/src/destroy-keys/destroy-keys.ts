import { destroyKeysOf, ERASURES, sweepErasedKeys } from '@rollbook/shared/personal-data/erased-keys';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition } from '../follow-in-turn/position.ts';
import { saveTogether } from '../follow-in-turn/save-together.ts';
import { noteErasedForBuilds } from '../rebuild/erased-meanwhile.ts';
import type { Progress } from '../follow-in-turn/progress.ts';

export interface DestroyKeysOptions extends FollowerParts {
  readonly keys: KeyRing;
}

/**
 * Destroys the key of every person whose erasure stands in the log, until the signal. The position is saved after the
 * keys are gone, so a crash in between is made good at the next start. Whenever it begins to lead, it first goes through
 * the whole log: where the table of keys was put back from a backup, keys live again that were destroyed, and the saved
 * position does not know. Until then this copy is not ready.
 */
export const destroyKeysOfErased = (
  options: DestroyKeysOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> => {
  const { keys, pool } = options;
  const follower: Follower = {
    name: 'destroy-keys',
    version: 1,
    filter: { types: ERASURES },
    begin: (leading) => sweepErasedKeys(options, leading),
    async handle(page, move) {
      if (page.events.length === 0) return saveTogether(pool, follower, move);
      await destroyKeysOf(keys, page.events);
      // After the keys: what a rebuild opens from here on it opens as erased.
      await noteErasedForBuilds(pool, page.events);
      await savePosition(pool, follower, move);
    },
  };
  return followInTurn(options, follower, progress, signal);
};
