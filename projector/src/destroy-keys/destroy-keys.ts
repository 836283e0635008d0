import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition } from '../follow-in-turn/position.ts';
import type { Progress } from '../follow-in-turn/progress.ts';

export interface DestroyKeysOptions extends FollowerParts {
  readonly keys: KeyRing;
}

/**
 * Destroys the key of every person whose erasure stands in the log, until the signal. The position is saved after the
 * keys are gone, so a crash in between is made good at the next start.
 */
export const destroyKeysOfErased = (
  options: DestroyKeysOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> => {
  const follower: Follower = {
    name: 'destroy-keys',
    version: 1,
    filter: { types: ['PersonErased'] },
    async handle(page, move) {
      for (const event of page.events) {
        const person = personOfStream(event.stream);
        if (event.type === 'PersonErased' && person !== null) await options.keys.destroy(person, event.position);
      }
      await savePosition(options.pool, follower, move);
    },
  };
  return followInTurn(options, follower, progress, signal);
};
