import { DAY, HOUR, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';
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
export const pruneFeedHourly = (options: PruneFeedOptions, signal: AbortSignal): Promise<void> =>
  repeat({ ...options, signal }, async () => ((await options.feed.prune(KEEP_MESSAGES)) > 0 ? SECOND : HOUR));
