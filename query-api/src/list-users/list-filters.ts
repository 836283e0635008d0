import { z } from 'zod';
import { ROLES, STATUSES } from '@rollbook/shared/contracts/roles';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { foldForSearch, LONGEST_START } from '@rollbook/shared/person/search-text';
import { instantParameter } from '../read-model/instant-parameter.ts';

const MAX_SEARCH = 200;
const MAX_USERNAME = 50;
const MAX_EMAIL = 1_000;

const malformed = (message: string) => ({ message, params: { code: 'malformed' } });

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

/** Conditions on a row `u`; `values` takes what a caller sent, which never stands in a statement. */
export interface Conditions {
  /** On role and status alone, so that they hold for a row of the counts too. */
  readonly group: readonly string[];
  readonly others: readonly string[];
}

export const conditionsOf = (filters: Filters, values: unknown[]): Conditions => {
  const given = (text: (place: string) => string, value: unknown): string[] =>
    value === undefined ? [] : [text(`$${String(values.push(value))}`)];
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
      ...(filters.q !== undefined && isStart(filters.q)
        ? given((place) => `u.search_starts @> array[${place}::text]`, filters.q)
        : given((place) => `u.search like ${place}`, filters.q && patternOf(filters.q))),
      ...given((place) => `u.created_at > ${place}::timestamptz`, filters.created_after),
      ...given((place) => `u.created_at < ${place}::timestamptz`, filters.created_before),
    ],
  };
};

const ACTIVE = { true: "u.status = 'active'", false: "u.status in ('pending', 'deactivated')" } as const;
