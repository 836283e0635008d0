import { isRejection, type Rejection } from '../contracts/rejections.ts';
import type { Counted } from './request-limits.ts';
import { tooMany } from './too-many.ts';
import { WindowCounts } from './window-counts.ts';

/**
 * Look-ups of what anybody can make up, each of which costs a reading of the log. Whoever had as many in vain in an hour as
 * they may is refused the next one unlooked; what is found costs nothing. Counted in this process alone.
 */
export class VainLookUps {
  readonly #counts: WindowCounts;

  constructor(counts = new WindowCounts()) {
    this.#counts = counts;
  }

  /** Those under way at once are all done. Throws what `look` throws, which is not counted. */
  async look<Found extends object>(
    sender: Counted,
    look: () => Promise<Found | Rejection>,
  ): Promise<Found | Rejection> {
    const had = await this.#counts.find(sender.name);
    if (had && had.consumedPoints >= sender.perHour) return tooMany(had.msBeforeNext);
    const found = await look();
    if (isRejection(found)) await this.#counts.add(sender);
    return found;
  }
}
