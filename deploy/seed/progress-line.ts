import type { Clock } from '@rollbook/shared/kernel/clock';

/** Between two lines, ms. */
const EVERY = 2_000;

const grouped = (count: number): string => Math.round(count).toLocaleString('en');

/** `1 h 5 min`, `3 min`, `20 s`. */
export const inWords = (ms: number): string => {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${String(minutes)} min` : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
};

export interface ProgressOf {
  /** What is counted and how far it is, e.g. people. */
  readonly done: number;
  readonly of: number;
  readonly what: string;
  /** What the rate is of, e.g. events. */
  readonly rated: number;
  readonly rateOf: string;
}

/** `120,000 of 1,000,000 people (12%), 14,210 events/s, 7 min left`. `elapsed` since the beginning, ms; `first`: done before. */
export const progressLine = ({ done, of, what, rated, rateOf }: ProgressOf, elapsed: number, first = 0): string => {
  const share = of === 0 ? 100 : Math.floor((100 * done) / of);
  const rate = elapsed > 0 ? (rated * 1_000) / elapsed : 0;
  const left = done > first ? (elapsed * (of - done)) / (done - first) : null;
  const ending = done >= of ? '' : left === null ? '' : `, ${inWords(left)} left`;
  return `${grouped(done)} of ${grouped(of)} ${what} (${String(share)}%), ${grouped(rate)} ${rateOf}/s${ending}`;
};

/** Says how far it is, at most every two seconds. */
export const progressTeller = (clock: Pick<Clock, 'now'>, say: (line: string) => void, first = 0) => {
  const begun = clock.now();
  let told = begun;
  return (progress: ProgressOf, always = false): void => {
    const now = clock.now();
    if (!always && now - told < EVERY) return;
    told = now;
    say(progressLine(progress, now - begun, first));
  };
};
