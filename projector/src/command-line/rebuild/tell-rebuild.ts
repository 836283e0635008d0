import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Comparison, TableDifference } from '../../rebuild/compare.ts';
import type { RebuildReport } from '../../rebuild/rebuild.ts';
import type { Terminal } from '../subcommand.ts';

/** Between two lines of progress, ms. */
const EVERY = SECOND;

const whole = (number: number): string => Math.round(number).toLocaleString('en-GB');

/** Seconds as 1 h 2 min, 3 min 4 s or 5 s. */
export const duration = (seconds: number): string => {
  const left = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(left / 3_600), Math.floor(left / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${left % 60} s` : `${left} s`;
};

const perSecond = (events: number, ms: number): number => (events * 1_000) / Math.max(1, ms);

const tellDifference = ({ table, onlyLive, onlyNew, changed, columns, rows }: TableDifference): readonly string[] => [
  `  ${table}: ${whole(onlyLive)} rows only in the live version, ${whole(onlyNew)} only in the new one, ${whole(changed)} changed`,
  ...Object.entries(columns).map(([column, count]) => `    ${column} differs in ${whole(count)} rows`),
  ...(rows.length === 0 ? [] : [`    for example ${rows.join(', ')}`]),
];

/** The comparison in lines. Names rows by their keys; no value of a person stands in it. */
export const comparisonLines = ({ checksums, differences, parked }: Comparison): readonly string[] => [
  ...checksums.map(({ table, live, built }) => {
    const same = live.rows === built.rows && live.sum === built.sum;
    return `  ${table}: ${whole(built.rows)} rows, checksum ${built.sum}${same ? ', the same' : `; live ${whole(live.rows)} rows, ${live.sum}`}`;
  }),
  ...differences.flatMap(tellDifference),
  ...(parked.both > 0 ? [`  ${whole(parked.both)} events are parked in both versions`] : []),
  ...(parked.onlyLive.length > 0 ? [told('only in the live version', parked.onlyLive)] : []),
  ...(parked.onlyNew.length > 0 ? [told('only in the new version', parked.onlyNew)] : []),
];

const told = (where: string, ids: readonly string[]): string =>
  `  ${whole(ids.length)} events are parked ${where}: ${ids.slice(0, 20).join(', ')}${ids.length > 20 ? ', …' : ''}`;

/** Tells a terminal how a rebuild goes: a line a second, and the rate at the end. */
export const tellRebuild = ({ log }: Terminal, clock: Clock): RebuildReport => {
  const began = clock.now();
  let told = began;
  return {
    begun({ resumed, version, position }) {
      log(
        resumed
          ? `Going on with version ${version} at position ${position ?? 'none'}`
          : `Building version ${version} from the log's beginning`,
      );
    },
    passed({ position, events, done, of }) {
      const now = clock.now();
      if (now - told < EVERY) return;
      told = now;
      const rate = perSecond(events, now - began);
      const left = duration((of - done) / Math.max(1, rate));
      const share = of === 0 ? 100 : Math.min(100, Math.floor((100 * done) / of));
      log(
        `${share} %, position ${position}: ${whole(done)} of about ${whole(of)} events, ${whole(rate)} events/s, about ${left} left`,
      );
    },
    caughtUp({ events, ms }) {
      log(`Read ${whole(events)} events in ${(ms / 1_000).toFixed(1)} s: ${whole(perSecond(events, ms))} events/s`);
    },
    step(sentence) {
      log(`${sentence} (${((clock.now() - began) / 1_000).toFixed(1)} s)`);
    },
    compared(comparison) {
      for (const line of comparisonLines(comparison)) log(line);
    },
  };
};
