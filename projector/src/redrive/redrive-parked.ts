import { RedriveRequested } from '@rollbook/shared/contracts/events/operations-events';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { liveVersionOf, savePosition } from '../follow-in-turn/position.ts';
import { saveTogether } from '../follow-in-turn/save-together.ts';
import type { Progress } from '../follow-in-turn/progress.ts';
import { peopleParked } from '../project-in-order/parked-events.ts';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { retryParked, type Retried, type RetryTools } from '../project-in-order/retry-parked.ts';

export interface RedriveOptions extends FollowerParts {
  readonly keys: KeyRing;
  readonly readModels: readonly ReadModel[];
  readonly onParked: (readModel: ReadModel) => RetryTools['onParked'];
  /** Told what came of each person's parked events. */
  readonly onRetried: (readModel: ReadModel, eventId: string, result: Retried) => void;
}

/**
 * Acts on requests to try a parked event again, until the signal. The position is saved after the attempt: a crash in
 * between makes it once more, which finds nothing parked, or parks the same again.
 */
export const redriveParked = (options: RedriveOptions, progress: Progress, signal: AbortSignal): Promise<void> => {
  const follower: Follower = {
    name: 'redrive',
    version: 1,
    filter: { types: [RedriveRequested.type] },
    async handle(page, move, id) {
      if (page.events.length === 0) return saveTogether(options.pool, id, move);
      for (const event of page.events) await redriveOne(options, event);
      await savePosition(options.pool, id, move);
    },
  };
  return followInTurn(options, follower, progress, signal);
};

const redriveOne = async (options: RedriveOptions, event: StoredEvent): Promise<void> => {
  const { what, id } = RedriveRequested.data.parse(event.data);
  if (what !== 'parked_event') return;
  const { pool, store, keys } = options;
  for (const readModel of options.readModels.filter(({ security }) => security !== true)) {
    const version = await liveVersionOf(pool, readModel);
    for (const person of await peopleParked(pool, { name: readModel.name, version }, id)) {
      const tools = { pool, store, keys, readModel, onParked: options.onParked(readModel) };
      options.onRetried(readModel, id, await retryParked(tools, person));
    }
  }
};
