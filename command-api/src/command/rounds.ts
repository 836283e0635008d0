import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';

/** A round's answer: what was read is out of date, so read everything again and decide again. */
export const AGAIN = Symbol('again');

/** Far above what contention needs; a decision that never settles is a fault. */
const MOST_ROUNDS = 200;
/** ms; the wait after a lost race is a random part of it, growing with the rounds. */
const STEP = 4;
const LONGEST_WAIT = 100;

/**
 * Runs a decision in rounds. A round reads all it needs, decides, and appends; where the append was refused or may
 * have been a repeat, it answers AGAIN, and the next round starts from nothing. The first three rounds follow at once.
 */
export const inRounds = async <Result>(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  round: (number: number) => Promise<Result | typeof AGAIN>,
): Promise<Result> => {
  for (let number = 0; number < MOST_ROUNDS; number += 1) {
    const result = await round(number);
    if (result !== AGAIN) return result;
    if (number >= 3) await clock.sleep(random.fraction() * Math.min(LONGEST_WAIT, STEP * number));
  }
  throw new StoreUnavailable('Too many others change the same at once');
};
