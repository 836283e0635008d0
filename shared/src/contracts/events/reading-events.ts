import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

/**
 * In the stream of whoever reads (`signin-…` of a person, `apikey-…` of a key): in the hour that began at `from` they
 * read what somebody else was and did. One per reader, subject and hour.
 */
export const HistoryRead = defineEvent('HistoryRead', 1, {
  data: {
    /** The person whose history it was, by id only. */
    subject: z.uuid(),
    /** RFC 3339; a full hour. */
    from: z.string(),
  },
});

/**
 * In the stream of whoever reads: they were given the audit trail, or what of it this filter lets through, from this leaf
 * on. The notary seals the log at once when it meets one, so that the export can end with a checkpoint.
 */
export const AuditExported = defineEvent('AuditExported', 1, {
  data: {
    format: z.enum(['ndjson', 'csv']),
    /** By the names of the parameters; people by id only. null: all of it. */
    filter: z.record(z.string(), z.string()).nullable(),
    fromLeaf: z.int(),
  },
});

export const READING_EVENTS = [HistoryRead, AuditExported] as const;
