import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { grouped, progressLine } from '@rollbook/shared/process/progress-line';
import type { Comparison, TableDifference } from '../../rebuild/compare.ts';
import type { RebuildReport } from '../../rebuild/rebuild.ts';
import type { Terminal } from '../subcommand.ts';

/** Between two lines of progress, ms. */
const EVERY = SECOND;

const perSecond = (events: number, ms: number): number => (events * 1_000) / Math.max(1, ms);

const tellDifference = ({ table, onlyLive, onlyNew, changed, columns, rows }: TableDifference): readonly string[] => [
  `  ${table}: ${grouped(onlyLive)} rows only in the live version, ${grouped(onlyNew)} only in the new one, ${grouped(changed)} changed`,
  ...Object.entries(columns).map(([column, count]) => `    ${column} differs in ${grouped(count)} rows`),
  ...(rows.length === 0 ? [] : [`    for example ${rows.join(', ')}`]),
];

/** The comparison in lines. Names rows by their keys; no value of a person stands in it. */
export const comparisonLines = ({ checksums, differences, parked }: Comparison): readonly string[] => [
  ...checksums.map(({ table, live, built }) => {
    const same = live.rows === built.rows && live.sum === built.sum;
    return `  ${table}: ${grouped(built.rows)} rows, checksum ${built.sum}${same ? ', the same' : `; live ${grouped(live.rows)} rows, ${live.sum}`}`;
  }),
  ...differences.flatMap(tellDifference),
  ...(parked.both > 0 ? [`  ${grouped(parked.both)} events are parked in both versions`] : []),
  ...(parked.onlyLive.length > 0 ? [told('only in the live version', parked.onlyLive)] : []),
  ...(parked.onlyNew.length > 0 ? [told('only in the new version', parked.onlyNew)] : []),
];

const told = (where: string, ids: readonly string[]): string =>
  `  ${grouped(ids.length)} events are parked ${where}: ${ids.slice(0, 20).join(', ')}${ids.length > 20 ? ', …' : ''}`;

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
      const progress = { done, of, what: 'events', rated: events, rateOf: 'events' };
      log(`${progressLine(progress, now - began, done - events)}, at position ${position}`);
    },
    caughtUp({ events, ms }) {
      log(`Read ${grouped(events)} events in ${(ms / 1_000).toFixed(1)} s: ${grouped(perSecond(events, ms))} events/s`);
    },
    step(sentence) {
      log(`${sentence} (${((clock.now() - began) / 1_000).toFixed(1)} s)`);
    },
    compared(comparison) {
      for (const line of comparisonLines(comparison)) log(line);
    },
  };
};
