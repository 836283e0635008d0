import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { ROLES } from '../roles.ts';

/**
 * In the sign-in stream of whoever asked: a command was refused to them because of their role, or to keep the last
 * administrator.
 */
export const AdministrationRefused = defineEvent('AdministrationRefused', 1, {
  data: {
    /** As in `contracts/operations.ts`. */
    operation: z.string(),
    /** What of the request has a rule of its own, as the endpoint's permission names it. */
    parts: z.array(z.string()),
    /** The id that was asked about, whether or not somebody is there; null where the command concerns nobody. */
    target: z.uuid().nullable(),
    /** The role that was to be given; null for none. */
    role: z.enum(ROLES).nullable(),
    /** `hidden`: refused as if nobody were there, which is all that the caller was told. */
    reason: z.enum(['forbidden', 'hidden', 'last_admin']),
  },
});

export const ADMINISTRATION_EVENTS = [AdministrationRefused] as const;
