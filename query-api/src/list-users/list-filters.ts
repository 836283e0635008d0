import { z } from 'zod';
import type { DetailParams } from '@rollbook/shared/contracts/detail-codes';
import { ROLES, STATUSES } from '@rollbook/shared/contracts/roles';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { foldForSearch, LONGEST_START } from '@rollbook/shared/person/search-text';
import { instantParameter } from '../read-model/instant-parameter.ts';
import type { SortKey } from './sort-keys.ts';

const MAX_SEARCH = 200;
const MAX_USERNAME = 50;
const MAX_EMAIL = 1_000;

const malformed = (message: string) => ({ message, params: { code: 'malformed' } satisfies DetailParams });

const word = <const Words extends readonly string[]>(words: Words) =>
  z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(words));

/** Any letter case; `MEMBER` is an older name of `user`. */
const role = z
  .string()
  .transform((text) => (text.toLowerCase() === 'member' ? 'user' : text.toLowerCase()))
  .pipe(z.enum(ROLES));

const email = z
  .string()
  .max(MAX_EMAIL)
  .refine((text) => canonicalEmail(text) !== null, malformed('must be a whole email address'))
  .transform((text) => canonicalEmail(text) ?? '');

const q = z
  .string()
  .transform((text) => text.trim())
  .refine((text) => text.length > 0, malformed('must hold more than white space'))
  .refine((text) => !/\p{Cc}/u.test(text), malformed('must hold no control characters'))
  .transform(foldForSearch)
  .refine((text) => [...text].length <= MAX_SEARCH, malformed(`must have at most ${String(MAX_SEARCH)} characters`));

/** What a list of people may be filtered by; all that are given must hold. */
export const Filters = z.strictObject({
  is_active: word(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  status: word(STATUSES).optional(),
  role: role.optional(),
  email: email.optional(),
  username: z.string().min(1).max(MAX_USERNAME).optional(),
  q: q.optional(),
  created_after: instantParameter.optional(),
  created_before: instantParameter.optional(),
});
export type Filters = z.output<typeof Filters>;

export const FILTER_NAMES = Object.keys(Filters.shape) as readonly (keyof Filters)[];

const isStart = (folded: string): boolean => [...folded].length <= LONGEST_START;

const patternOf = (folded: string): string => `%${folded.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

const isForeign = (folded: string): boolean => /\P{ASCII}/u.test(folded);

type Given = (text: (place: string) => string, value: unknown) => string[];

const giving =
  (values: unknown[]): Given =>
  (text, value) =>
    value === undefined ? [] : [text(`$${String(values.push(value))}`)];

const searchConditions = (q: string, given: Given): string[] =>
  isStart(q)
    ? given((place) => `u.search_starts @> array[${place}::text]`, q)
    : given((place) => `u.search like ${place}`, patternOf(q));

/** Conditions on a row `u`; `values` takes what a caller sent, which never stands in a statement. */
export interface Conditions {
  /** On role and status alone, so that they hold for a row of the counts too. */
  readonly group: readonly string[];
  readonly others: readonly string[];
  /** What follows from the others for the sort key: without it, reading in that order would pass all who are older. */
  readonly implied: readonly string[];
}

/** Two copies of a service may disagree on the time by less than this. */
const SKEW = "interval '1 day'";

/** Nobody is changed, or signs in, before they are created. Who never signed in comes last in either order. */
const LATER_THAN_CREATION: Readonly<Partial<Record<SortKey, string>>> = {
  updated_at: 'u.updated_at',
  last_login: "coalesce(u.last_login, 'infinity'::timestamptz)",
};

/** `sortKey`: what the rows are read in the order of, if in any. */
export const conditionsOf = (filters: Filters, values: unknown[], sortKey: SortKey | null = null): Conditions => {
  const later = sortKey === null ? undefined : LATER_THAN_CREATION[sortKey];
  const given = giving(values);
  return {
    group: [
      // The literal lets PostgreSQL use the indexes, which leave the erased out.
      `u.status ${filters.status === 'erased' ? '=' : '<>'} 'erased'`,
      ...given((place) => `u.status = ${place}`, filters.status),
      ...(filters.is_active === undefined ? [] : [ACTIVE[String(filters.is_active) as 'true' | 'false']]),
      ...given((place) => `u.role = ${place}`, filters.role),
    ],
    others: [
      ...given((place) => `u.email_canonical = ${place}`, filters.email),
      ...given((place) => `u.username = ${place}`, filters.username),
      ...(filters.q === undefined ? [] : searchConditions(filters.q, given)),
      ...given((place) => `u.created_at > ${place}::timestamptz`, filters.created_after),
      ...given((place) => `u.created_at < ${place}::timestamptz`, filters.created_before),
    ],
    implied: given(
      (place) => `${later ?? ''} > ${place}::timestamptz - ${SKEW}`,
      later === undefined ? undefined : filters.created_after,
    ),
  };
};

/**
 * What follows from `q` too, and leads to the rows by an index: dear to check row by row, and misjudged by the planner.
 * Trigrams know ASCII letters only, wherever the database has the C locale, which keeps one order on every machine. So
 * a word with others is looked up among the bytes of those values that have any (migrations/0026).
 */
export const leadsOf = ({ q }: Filters, values: unknown[]): readonly string[] => {
  if (q === undefined || isStart(q) || !isForeign(q)) return [];
  const bytes = `%${Buffer.from(q, 'utf8').toString('hex')}%`;
  return [
    'octet_length(u.search) <> char_length(u.search)',
    ...giving(values)((place) => `read_model.search_bytes(u.search) like ${place}`, bytes),
  ];
};

const ACTIVE = { true: "u.status = 'active'", false: "u.status in ('pending', 'deactivated')" } as const;
