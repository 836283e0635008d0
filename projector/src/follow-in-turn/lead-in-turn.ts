import type { Clock } from '@rollbook/shared/kernel/clock';
import { whileLeading } from './leadership.ts';
import type { Progress } from './progress.ts';

export interface TurnParts {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/**
 * Does `work` under the name of `progress` until the signal, one copy at a time. After a fault it starts over, with
 * backoff (100 ms, doubling to 5 s) that begins anew once `work` says that something was achieved. Never rejects.
 */
export const leadInTurn = async (
  { databaseUrl, clock, onFault }: TurnParts,
  progress: Progress,
  signal: AbortSignal,
  work: (leading: AbortSignal, onAchieved: () => void) => Promise<void>,
): Promise<void> => {
  const { name } = progress;
  let failures = 0;
  const stopped = (): boolean => signal.aborted;
  const onStandby = (): void => progress.become('standby');
  const onAchieved = (): void => {
    failures = 0;
  };
  while (!stopped()) {
    try {
      await whileLeading({ databaseUrl, name, clock, signal, onStandby }, (leading) => work(leading, onAchieved));
      // The connection that held the lock broke: to be tried again like any fault.
      if (!stopped()) throw new Error(`${name} no longer leads`);
    } catch (fault) {
      failures += 1;
      progress.become('faulty');
      onFault(fault);
      await clock.sleep(Math.min(50 * 2 ** failures, 5_000), signal);
    }
  }
};
