import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

/** What can stop on its way out of the log: an event of a read model, or a mail. */
export const REDRIVABLE = ['parked_event', 'dead_letter'] as const;

/**
 * In `operations`, by an administrator: something that stopped is to be tried again. The projector (parked events) and
 * the mailer (dead letters) act on it; what comes of that is no event.
 */
export const RedriveRequested = defineEvent('RedriveRequested', 1, {
  data: {
    what: z.enum(REDRIVABLE),
    /** Of the event that is parked, or whose mail was given up. */
    id: z.uuid(),
  },
});

export const OPERATIONS_EVENTS = [RedriveRequested] as const;
