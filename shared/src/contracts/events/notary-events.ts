import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

/** In `notary`, by the system: the log was this at this size, and goes on from the checkpoint before. */
export const CheckpointSigned = defineEvent('CheckpointSigned', 1, {
  data: {
    /** It covers the leaves 0 … `size` − 1, so never itself. */
    size: z.int(),
    /** Base64 of the tree's root. */
    root: z.string(),
    /** Which keys of the settings signed, the current one first: two at a change of the key. */
    keys: z.array(z.string()),
    /** The signed note, as it is published. */
    note: z.string(),
  },
});

export const NOTARY_EVENTS = [CheckpointSigned] as const;
