import { z } from 'zod';

/** A point in time as answers show it: RFC 3339, UTC, milliseconds. */
export const Instant = z.string().meta({ format: 'date-time' });
