import type { Logger } from 'pino';

/** Work that goes on after its answer was sent, or after its caller went away. A shutdown waits for it. */
export interface AfterWork {
  /** Counts a handler as work under way until it settles; its faults are its caller's. */
  hold(handler: Promise<void>): Promise<void>;
  /** Starts the work. What it throws is logged under the request id and goes no further. */
  run(requestId: string, work: () => Promise<void>): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export const trackAfterWork = (log: Logger): AfterWork => {
  const running = new Set<Promise<void>>();
  return {
    hold: (handler) => {
      const settled = handler.catch(() => undefined);
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return handler;
    },
    run: (requestId, work) => {
      const task = (async () => {
        try {
          await work();
        } catch (fault) {
          log.error({ request_id: requestId, err: fault }, 'work after an answer failed');
        }
      })();
      running.add(task);
      void task.finally(() => running.delete(task));
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
};
