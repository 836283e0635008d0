import { isRejection, type Rejection } from '../contracts/rejections.ts';
import { SECOND } from '../kernel/clock.ts';
import type { Counted } from './request-limits.ts';
import { tooMany } from './too-many.ts';
import { WindowCounts } from './window-counts.ts';

/**
 * Look-ups of what anybody can make up, each of which costs a reading of the log. Whoever had as many in vain in an hour as
 * they may gets one a second from there on, so that a good one is found soon whatever others at the same address show;
 * what is found costs nothing. Counted in this process alone.
 */
export class VainLookUps {
  readonly #counts: WindowCounts;
  /** Of those who have had theirs. */
  readonly #turns: WindowCounts;

  constructor(counts = new WindowCounts(), turns = new WindowCounts({ window: SECOND })) {
    this.#counts = counts;
    this.#turns = turns;
  }

  /** Those under way at once are all done. Throws what `look` throws, which is not counted. */
  async look<Found extends object>(
    sender: Counted,
    look: () => Promise<Found | Rejection>,
  ): Promise<Found | Rejection> {
    const had = await this.#counts.find(sender.name);
    if (had && had.consumedPoints >= sender.perHour) {
      const turn = await this.#turns.add(sender);
      if (turn.consumedPoints > 1) return tooMany(turn.msBeforeNext);
    }
    const found = await look();
    if (isRejection(found)) await this.#counts.add(sender);
    return found;
  }
}
