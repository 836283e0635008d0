import { z } from 'zod';

/** The answer to what happens later, or perhaps not at all. */
export const Accepted = z.strictObject({ status: z.literal('accepted'), message: z.string() }).meta({
  id: 'Accepted',
  example: { status: 'accepted', message: 'If there is such an account, a mail is on its way to it.' },
});
