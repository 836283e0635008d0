import type { Logger } from 'pino';

/** Work that goes on after its answer was sent. A shutdown waits for it. */
export interface AfterWork {
  /** Starts the work. What it throws is logged under the request id and goes no further. */
  run(requestId: string, work: () => Promise<void>): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export const trackAfterWork = (log: Logger): AfterWork => {
  const running = new Set<Promise<void>>();
  return {
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
