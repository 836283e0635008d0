import { DAY, HOUR, SECOND } from '@rollbook/shared/kernel/clock';
import { waitAtMost } from '@rollbook/shared/kernel/in-time';
import { repeat } from '@rollbook/shared/kernel/repeat';
import type { MessageFeed } from '@rollbook/shared/message-feed/port';
import { deliverMail, type DeliverMailPorts } from './deliver-mail.handle.ts';
import { startSendLoop } from './send-loop.ts';
import { takeInMessage } from './take-in-message.handle.ts';

export interface MailerPorts extends Omit<DeliverMailPorts, 'feed'> {
  readonly feed: Pick<MessageFeed, 'consume' | 'deadLetter' | 'forget'>;
  readonly onFault: (what: string, fault: unknown) => void;
}

export interface RunningMailer {
  /** Takes in and sends nothing more; attempts under way get a second, then they are broken off and recorded so. */
  stop(): Promise<void>;
}

/** Longer than any link lives, so that a forgotten mail is never sent again. */
export const KEEP_ENDED = 30 * DAY;

/** Consumes the feed into the inbox and sends what is due, until it is stopped. */
export function runMailer(ports: MailerPorts): RunningMailer {
  const { deliveries, feed, clock, group, onFault } = ports;
  const stopping = new AbortController();
  const { signal } = stopping;
  const sending = startSendLoop({
    deliveries,
    clock,
    deliver: (delivery) => deliverMail(delivery, ports),
    lanes: 8,
    // Beyond the transport's own limit, time to open the mail before and to record it after.
    leaseMs: ports.transport.mostMs + 15 * SECOND,
    idleMs: SECOND,
    onFault: (fault) => {
      onFault('sending', fault);
    },
  });

  const consuming = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await feed.consume({
          group,
          signal,
          handle: (message) =>
            takeInMessage(message, {
              deliveries,
              feed,
              group,
              wake: () => {
                sending.wake();
              },
            }),
          onFault: (fault) => {
            onFault('consuming', fault);
          },
          onBuried: (place, reason) => deliveries.noteUnread(place, reason),
        });
      } catch (fault) {
        onFault('consuming', fault);
        await clock.sleep(SECOND, signal);
      }
    }
  };

  const onTidying = (fault: unknown): void => {
    onFault('tidying', fault);
  };
  const tidying = (): Promise<void> =>
    repeat({ clock, signal, onFault: onTidying }, async () => {
      await deliveries.prune(KEEP_ENDED);
      return HOUR;
    });

  const finished = Promise.all([consuming(), tidying()]);
  return {
    async stop() {
      stopping.abort();
      const stopped = sending.stop();
      await waitAtMost(clock, SECOND, stopped);
      ports.transport.close();
      await Promise.all([finished, stopped]);
    },
  };
}
