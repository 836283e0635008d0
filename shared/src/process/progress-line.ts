import type { Clock } from '../kernel/clock.ts';

/** Between two lines, ms. */
const EVERY = 2_000;

/** `14,210`. */
export const grouped = (count: number): string => Math.round(count).toLocaleString('en');

/** How many of a hundred are done: 100 only at the end. */
export const percent = (done: number, of: number): number =>
  of === 0 ? 100 : Math.min(100, Math.floor((100 * done) / of));

/** `1 h 5 min`, `3 min`, `20 s`. */
export const duration = (ms: number): string => {
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
  const rate = elapsed > 0 ? (rated * 1_000) / elapsed : 0;
  const left = done > first ? (elapsed * (of - done)) / (done - first) : null;
  const ending = done >= of || left === null ? '' : `, ${duration(left)} left`;
  return `${grouped(done)} of ${grouped(of)} ${what} (${String(percent(done, of))}%), ${grouped(rate)} ${rateOf}/s${ending}`;
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
