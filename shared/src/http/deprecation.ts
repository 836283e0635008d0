import type { OperationId } from '../contracts/operations.ts';

/** A day in UTC: `2027-01-31`. */
type Day = `${number}-${number}-${number}`;

/** That a route goes, and what comes in its place. Months of support after the notice: `SUPPORTED_MONTHS`. */
export interface Deprecated {
  /** From when on it is deprecated. */
  readonly since: Day;
  /** From when on it may be gone. */
  readonly sunset: Day;
  /** Path of what is to be called instead. */
  readonly successor?: `/${string}`;
  /** Where the change is described. Default: the reference page. */
  readonly policy?: string;
}

/** What docs/versioning.md promises: a deprecated route goes on at least this long. */
export const SUPPORTED_MONTHS = 12;

const dayOf = (day: Day): Date => {
  const date = new Date(`${day}T00:00:00Z`);
  // 2027-02-30 would be read as a day in March.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) throw new RangeError(`${day} is no day`);
  return date;
};

const monthsAfter = (date: Date, months: number): Date => {
  const later = new Date(date);
  later.setUTCMonth(later.getUTCMonth() + months);
  return later;
};

/**
 * `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`, for every answer of the route. Throws RangeError for what is no
 * day, and for an end that comes sooner than is promised.
 */
export const deprecationHeaders = ({
  since,
  sunset,
  successor,
  policy = '/docs',
}: Deprecated): Readonly<Record<'Deprecation' | 'Sunset' | 'Link', string>> => {
  const [begin, end] = [dayOf(since), dayOf(sunset)];
  if (end < monthsAfter(begin, SUPPORTED_MONTHS))
    throw new RangeError(`${sunset} is sooner than ${String(SUPPORTED_MONTHS)} months after ${since}`);
  const links = [
    `<${policy}>; rel="deprecation"; type="text/html"`,
    `<${policy}>; rel="sunset"; type="text/html"`,
    ...(successor === undefined ? [] : [`<${successor}>; rel="successor-version"`]),
  ];
  return { Deprecation: `@${String(begin.getTime() / 1_000)}`, Sunset: end.toUTCString(), Link: links.join(', ') };
};

interface Declared {
  readonly operation: OperationId;
  readonly deprecated?: Deprecated;
}

/** The headers of each operation that goes. Throws as `deprecationHeaders` does. */
export const noticesOf = (endpoints: readonly Declared[]): ReadonlyMap<OperationId, Map<string, string>> =>
  new Map(
    endpoints.flatMap(({ operation, deprecated }) =>
      deprecated ? [[operation, new Map(Object.entries(deprecationHeaders(deprecated)))] as const] : [],
    ),
  );
