import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import { AppendRefused, OutcomeUnknown, StoreUnavailable } from '../errors.ts';
import type { AppendResult } from '../port.ts';
import type { WrittenAppend } from './append-batch.ts';
import { isRefusedData, NotConnected, SERVER_LIMIT, wasRolledBack } from './log-connections.ts';

/** An append whose caller waits. */
export interface Pending {
  readonly append: WrittenAppend;
  /** When it is given up, in ms since 1970. */
  readonly until: number;
  /** True once a try ended without an answer: from then on it may stand in the log. */
  maybeWritten: boolean;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (fault: Error) => void;
}

/** What the queue is made of. */
export interface AppendQueueParts {
  /** One transaction; one result per append. `timeLeft` (ms) bounds the wait for its answer. */
  readonly call: (appends: readonly WrittenAppend[], timeLeft?: number) => Promise<readonly AppendResult[]>;
  readonly clock: Clock;
  readonly random: Random;
  /** How long (ms) an append is tried before it is given up. */
  readonly deadline: number;
}

/** A try with less time (ms) than the server may take could end without an answer: what is certain would become unknown. */
const FULL_TRY = SERVER_LIMIT + 200;
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 500;

export const wasSurelyNotWritten = (fault: unknown): boolean =>
  Error.isError(fault) && (fault.name === NotConnected.name || wasRolledBack(fault));

/**
 * Tries each append of a failed batch in a call of its own, with its own ids, in order, until each has its answer or
 * its time is up. The function looks for the ids under the lock before it compares revisions: so a conflict after an
 * unknown outcome is a true one, and an append that was written is found.
 */
export const retryAlone = async (
  parts: AppendQueueParts,
  batch: readonly Pending[],
  firstFault: unknown,
): Promise<void> => {
  let open = batch.map((pending) => ({ pending, fault: firstFault }));
  for (let round = 0; open.length > 0; round += 1) {
    // All pauses differ, so that many services do not come back in step. The first round starts at once.
    const pause = round === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** round);
    if (pause > 0) await parts.clock.sleep(pause * (0.5 + parts.random.fraction() / 2));
    const stillOpen: typeof open = [];
    // An append waits while an earlier one of its stream is open, for it may build on that.
    const held = new Set<string>();
    for (const { pending, fault } of open) {
      const timeLeft = pending.until - parts.clock.now();
      if (timeLeft <= 0 || (round > 0 && !pending.maybeWritten && timeLeft < FULL_TRY)) giveUp(pending, fault);
      else if (held.has(pending.append.stream)) stillOpen.push({ pending, fault });
      else {
        const newFault = await tryOnce(parts, pending);
        if (newFault === undefined) continue;
        held.add(pending.append.stream);
        stillOpen.push({ pending, fault: newFault });
      }
    }
    open = stillOpen;
  }
};

/** undefined when the append was answered; else the fault after which it is tried again. */
const tryOnce = async ({ call, clock }: AppendQueueParts, pending: Pending): Promise<unknown> => {
  try {
    const [result] = await call([pending.append], pending.until - clock.now());
    if (!result) throw new Error('The log gave no result for an append');
    pending.resolve(result);
    return undefined;
  } catch (fault) {
    if (isRefusedData(fault) && !pending.maybeWritten) {
      pending.reject(new AppendRefused(`The log cannot take an event of ${pending.append.stream}`, { cause: fault }));
      return undefined;
    }
    if (!wasSurelyNotWritten(fault)) pending.maybeWritten = true;
    return fault;
  }
};

const giveUp = ({ append, maybeWritten, reject }: Pending, cause: unknown): void =>
  reject(
    maybeWritten
      ? new OutcomeUnknown(`It is not known whether the append to ${append.stream} was written`, { cause })
      : new StoreUnavailable(`The append to ${append.stream} was not written`, { cause }),
  );
