import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Deliveries, Delivery } from './delivery.ts';

export interface SendLoopOptions {
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly deliver: (delivery: Delivery) => Promise<void>;
  /** Mails under way at once. */
  readonly lanes: number;
  /** How long a mail is held, in ms: longer than an attempt can take. */
  readonly leaseMs: number;
  /** Longest wait between two looks, in ms: other mailers' mails and lost wake-ups are seen by then. */
  readonly idleMs: number;
  readonly onFault: (fault: unknown) => void;
}

export interface SendLoop {
  /** Says that something may be due. */
  wake(): void;
  /** Takes no further mail, and resolves when those under way have come to an end. */
  stop(): Promise<void>;
}

/** Takes due mails from the inbox and delivers them, a few at a time, until it is stopped. */
export function startSendLoop(options: SendLoopOptions): SendLoop {
  const { deliveries, clock, lanes } = options;
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let bell = new AbortController();
  const wake = (): void => {
    bell.abort();
  };

  const run = (delivery: Delivery): void => {
    const attempt = options
      .deliver(delivery)
      // Its lease ends, and then it is tried again.
      .catch(options.onFault)
      .finally(() => {
        underWay.delete(attempt);
        wake();
      });
    underWay.add(attempt);
  };

  const pause = async (ms: number): Promise<void> => {
    await clock.sleep(ms, AbortSignal.any([bell.signal, stopping.signal]));
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      bell = new AbortController();
      try {
        const room = lanes - underWay.size;
        const claimed = room > 0 ? await deliveries.claim(room, options.leaseMs) : [];
        claimed.forEach(run);
        // Full: whoever comes to an end rings.
        if (claimed.length === 0 || underWay.size >= lanes) {
          const due = room > 0 ? await deliveries.nextDueInMs() : null;
          await pause(Math.min(due ?? options.idleMs, options.idleMs));
        }
      } catch (fault) {
        options.onFault(fault);
        await clock.sleep(options.idleMs, stopping.signal);
      }
    }
  };

  const finished = loop();
  return {
    wake,
    async stop() {
      stopping.abort();
      await finished;
      await Promise.all(underWay);
    },
  };
}
