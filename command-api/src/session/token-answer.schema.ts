import { UserResource } from '@rollbook/shared/contracts/user';
import { z } from 'zod';

/** What `login` and `refresh` answer. */
export const TokenAnswer = z.strictObject({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds. */
  expires_in: z.int(),
  /** null where it went into the cookie. */
  refresh_token: z.string().nullable(),
  refresh_expires_in: z.int(),
  user: UserResource,
});
