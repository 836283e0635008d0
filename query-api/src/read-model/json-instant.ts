import { toInstant } from '@rollbook/shared/kernel/clock';

/** A time as we write it (RFC 3339 in UTC with milliseconds): PostgreSQL's JSON writes it in another of RFC 3339's forms. */
export const instantOf = (text: string): string => toInstant(Date.parse(text));

/** The same, for what may have no time. */
export const instantOrNull = (text: string | null): string | null => (text === null ? null : instantOf(text));
