import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition } from '../follow-in-turn/position.ts';
import type { Progress } from '../follow-in-turn/progress.ts';

export interface DestroyKeysOptions extends FollowerParts {
  readonly keys: KeyRing;
}

const ERASURES = { types: ['PersonErased'] };

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
  const { keys, store, pool } = options;
  const follower: Follower = {
    name: 'destroy-keys',
    version: 1,
    filter: ERASURES,
    async begin() {
      let page = await store.readAll({ after: null, filter: ERASURES });
      await destroyLiving(keys, page.events);
      while (!page.atEnd && !signal.aborted) {
        page = await store.readAll({ after: page.position, filter: ERASURES });
        await destroyLiving(keys, page.events);
      }
    },
    async handle(page, move) {
      await destroyLiving(keys, page.events);
      await savePosition(pool, follower, move);
    },
  };
  return followInTurn(options, follower, progress, signal);
};

/** Leaves a tombstone for everybody who has none. Most have one already, and are asked for all at once. */
const destroyLiving = async (keys: KeyRing, events: readonly StoredEvent[]): Promise<void> => {
  const erased = new Map(
    events.flatMap(({ stream, position }) => {
      const person = personOfStream(stream);
      return person === null ? [] : [[person, position] as const];
    }),
  );
  if (erased.size === 0) return;
  const found = await keys.findMany([...erased.keys()]);
  for (const [person, position] of erased) if (found.get(person) !== 'destroyed') await keys.destroy(person, position);
};
