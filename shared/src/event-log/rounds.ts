import { StoreUnavailable } from './errors.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';

/** A round's answer: what was read is out of date, so read everything again and decide again. */
export const AGAIN = Symbol('again');

/** Far above what contention needs; a decision that never settles is a fault. */
const MOST_ROUNDS = 200;
/** ms; the wait after a lost race is a random part of it, growing with the rounds. */
const STEP = 4;
const LONGEST_WAIT = 100;

export interface RoundsParts {
  readonly clock: Clock;
  readonly random: Random;
  /** ms after which no further round begins. Default: as long as the rounds last. */
  readonly limit?: number;
}

/**
 * Runs a decision in rounds. A round reads all it needs, decides, and appends; where the append was refused or may
 * have been a repeat, it answers AGAIN, and the next round starts from nothing. The first three rounds follow at once.
 */
export const inRounds = async <Result>(
  { clock, random, limit = Infinity }: RoundsParts,
  round: (number: number) => Promise<Result | typeof AGAIN>,
): Promise<Result> => {
  const until = clock.now() + limit;
  for (let number = 0; number < MOST_ROUNDS && clock.now() < until; number += 1) {
    const result = await round(number);
    if (result !== AGAIN) return result;
    if (number >= 3) await clock.sleep(random.fraction() * Math.min(LONGEST_WAIT, STEP * number));
  }
  throw new StoreUnavailable('Too many others change the same at once');
};
