import { DAY, HOUR, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { MessageFeed } from '@rollbook/shared/message-feed/port';

/** ms that a message stays after every group has passed it, for whoever looks for what went wrong. */
export const KEEP_MESSAGES = 30 * DAY;

export interface PruneFeedOptions {
  readonly feed: Pick<MessageFeed, 'prune'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/**
 * Takes old messages out of the feed, at the start and every hour, a few thousand a second, until the signal. Two copies
 * may do it at once. Never rejects.
 */
export const pruneFeedHourly = async (
  { feed, clock, onFault }: PruneFeedOptions,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const wait = await feed.prune(KEEP_MESSAGES).then(
      (pruned) => (pruned > 0 ? SECOND : HOUR),
      (fault: unknown) => {
        onFault(fault);
        return HOUR / 60;
      },
    );
    await clock.sleep(wait, signal);
  }
};
