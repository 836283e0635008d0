import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import type { MessageFeed } from '@rollbook/shared/message-feed/port';
import { followInTurn, type Follower, type FollowerParts } from '../follow-in-turn/follow-in-turn.ts';
import { savePosition } from '../follow-in-turn/position.ts';
import { saveTogether } from '../follow-in-turn/save-together.ts';
import type { Progress } from '../follow-in-turn/progress.ts';

export interface RelayOptions extends FollowerParts {
  readonly feed: MessageFeed;
}

/**
 * Carries public messages from the log to the feed until the signal. The position is saved after the feed's
 * acknowledgement, and only against the value last saved: when that fails, this run ends with its fault, and the next
 * starts from what is saved. So first deliveries are in order per person, and a crash only makes repeats.
 */
export const relay = (options: RelayOptions, progress: Progress, signal: AbortSignal): Promise<void> => {
  const follower: Follower = {
    name: 'relay',
    version: 1,
    async handle(page, move) {
      const messages = page.events.flatMap((event) => toPublicMessage(event) ?? []);
      if (messages.length === 0) return saveTogether(options.pool, follower, move);
      await options.feed.publish(messages);
      await savePosition(options.pool, follower, move);
    },
  };
  return followInTurn(options, follower, progress, signal);
};
