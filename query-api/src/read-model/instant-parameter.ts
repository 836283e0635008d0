import { z } from 'zod';
import type { DetailParams } from '@rollbook/shared/contracts/detail-codes';
import { fromInstant, toInstant } from '@rollbook/shared/kernel/clock';

/** The earliest that an answer names, in ms: before it, and after `LAST`, a year has no four digits. */
export const FIRST = fromInstant('0001-01-01T00:00:00.000Z');
const LAST = fromInstant('9999-12-31T23:59:59.000Z');

/**
 * In UTC and to the microsecond: PostgreSQL reads no offset beyond 15:59 and not any number of decimals, and keeps six of
 * them. What its offset puts outside of those years is their beginning or end, since nothing is recorded out there.
 */
const inUtc = (text: string): string => {
  const decimals = /\.\d{1,6}/.exec(text)?.[0] ?? '';
  const second = Math.min(LAST, Math.max(FIRST, fromInstant(text.replace(/\.\d+/, ''))));
  return toInstant(second).replace('.000', decimals);
};

/** A time. A `+` that was not percent-encoded arrives as a space. */
export const instantParameter = z
  .string()
  .transform((text) => text.replace(/ (?=\d{2}:\d{2}$)/, '+'))
  .pipe(z.iso.datetime({ offset: true, error: 'must be an RFC 3339 date-time with its offset or Z' }))
  .refine((text) => !text.startsWith('0000'), {
    message: 'must be in the year 1 or later',
    params: { code: 'malformed' } satisfies DetailParams,
  })
  .transform(inUtc);
