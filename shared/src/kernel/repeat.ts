import { MINUTE, SECOND, type Clock } from './clock.ts';

export interface Repeating {
  readonly clock: Clock;
  /** Told of every fault; then the work is tried again. */
  readonly onFault: (fault: unknown) => void;
  readonly signal: AbortSignal;
  /** ms between a fault and the next try. */
  readonly pause?: number;
}

/**
 * Does a piece of work at once, and again after as many ms as it gives, until the signal; after a fault in a minute,
 * unless `pause` says otherwise. Never rejects.
 */
export const repeat = async (
  { clock, onFault, signal, pause = MINUTE }: Repeating,
  work: () => Promise<number>,
): Promise<void> => {
  while (!signal.aborted) {
    const wait = await work().catch((fault: unknown) => {
      onFault(fault);
      return pause;
    });
    await clock.sleep(wait, signal);
  }
};

/**
 * Does a piece of work until it was done once, and gives what it gave; undefined when the signal comes first. After a
 * fault again in a second, unless `pause` says otherwise. Never rejects.
 */
export const untilDone = async <Result>(
  { clock, onFault, signal, pause = SECOND }: Repeating,
  work: () => Promise<Result>,
): Promise<Result | undefined> => {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (fault) {
      onFault(fault);
      await clock.sleep(pause, signal);
    }
  }
  return undefined;
};
