/** Chance that repeats itself: the same numbers for the same seed and person, on every machine. */
export interface Draw {
  /** A number from 0 to below 1. */
  fraction(): number;
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  /** True in this share of all cases. */
  chance(share: number): boolean;
  /** One of them, each as likely as the others. */
  of<T>(all: readonly T[]): T;
  /** One of them, the early ones far more often than the late ones, as with names. */
  skewed<T>(all: readonly T[]): T;
}

/** Mulberry32: small, quick and even enough; nothing here is a secret. */
export const drawFor = (seed: number, person: number): Draw => {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(person + 1, 0x85ebca6b)) | 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const at = <T>(all: readonly T[], share: number): T => {
    const one = all[Math.floor(share * all.length)];
    if (one === undefined) throw new RangeError('Nothing to draw from');
    return one;
  };
  return {
    fraction,
    below: (count) => Math.floor(fraction() * count),
    chance: (share) => fraction() < share,
    of: (all) => at(all, fraction()),
    skewed: (all) => at(all, fraction() ** 2),
  };
};
