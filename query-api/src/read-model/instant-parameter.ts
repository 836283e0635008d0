import { z } from 'zod';

/** A `+` that was not percent-encoded arrives as a space. PostgreSQL reads the text, all its decimals included. */
export const instantParameter = z
  .string()
  .transform((text) => text.replace(/ (?=\d{2}:\d{2}$)/, '+'))
  .pipe(z.iso.datetime({ offset: true, error: 'must be an RFC 3339 date-time with its offset or Z' }))
  .refine((text) => !text.startsWith('0000'), {
    message: 'must be in the year 1 or later',
    params: { code: 'malformed' },
  });
