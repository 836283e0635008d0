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

export const READING_EVENTS = [HistoryRead] as const;
