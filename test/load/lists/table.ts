import type { Measured } from './measure.ts';

/** p95 in ms. */
export const TARGETS = { database: 25, http: 50 } as const;

const timesOf = ({ database }: Measured): { readonly p50: number; readonly p95: number } | null =>
  database === 'limit' ? { p50: Infinity, p95: Infinity } : database;

const databaseOf = (one: Measured): number => timesOf(one)?.p95 ?? 0;

const slowness = (one: Measured): number => Math.max(databaseOf(one), (one.http?.p95 ?? 0) / 2);

export const isMissed = (one: Measured): boolean =>
  databaseOf(one) >= TARGETS.database ||
  (one.http?.p95 ?? 0) >= TARGETS.http ||
  one.badPlan ||
  (one.status ?? 200) !== 200;

export const misses = (measured: readonly Measured[]): readonly Measured[] => measured.filter(isMissed);

const number = (value: number | undefined): string =>
  value === undefined ? '-' : value === Infinity ? 'limit' : value.toFixed(1);

const line = (one: Measured): readonly string[] => [
  one.filter,
  one.sort,
  one.page,
  number(timesOf(one)?.p50),
  number(timesOf(one)?.p95),
  number(one.http?.p50),
  number(one.http?.p95),
  one.status === null ? '-' : String(one.status),
  `${one.badPlan ? 'BAD ' : ''}${one.indexes.map((name) => name.replace('user_directory_', '')).join(' ')}`,
];

/** One page, as it is measured. */
export const lineOf = (one: Measured): string => `${isMissed(one) ? 'MISSED ' : ''}${line(one).join(' | ')}`;

export const HEAD = ['filter', 'sort', 'page', 'db p50', 'db p95', 'http p50', 'http p95', 'status', 'indexes'];

const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = HEAD.map((_head, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const padded = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd();
  return rows.map(padded).join('\n');
};

/** The slowest page of each filter, then everything that missed. Times in ms. */
export const tableOf = (measured: readonly Measured[]): string => {
  const worst = new Map<string, Measured>();
  for (const one of measured) {
    const before = worst.get(one.filter);
    if (!before || slowness(one) > slowness(before)) worst.set(one.filter, one);
  }
  const missed = misses(measured);
  const parts = ['The slowest page of each filter (ms):', columns([HEAD, ...[...worst.values()].map(line)])];
  if (missed.length > 0) parts.push('', 'Missed:', columns([HEAD, ...missed.map(line)]));
  return parts.join('\n');
};
