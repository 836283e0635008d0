import { USER_EXAMPLE, UserResource } from '@rollbook/shared/contracts/user';
import { z } from 'zod';

/** What `login` and `refresh` answer. */
const EXAMPLE = {
  access_token: 'eyJhbGciOiJSUzI1NiIsImtpZCI6InQxIn0.eyJzdWIiOiI3ZjNiMWM5ZSJ9.c2lnbmF0dXJl',
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: 'eyJhbGciOiJSUzI1NiIsImtpZCI6InQxIn0.eyJ0eXAiOiJyZWZyZXNoIn0.c2lnbmF0dXJl',
  refresh_expires_in: 1_209_600,
  user: USER_EXAMPLE,
} as const;

export const TokenAnswer = z
  .strictObject({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    /** Seconds. */
    expires_in: z.int(),
    /** null where it went into the cookie. */
    refresh_token: z.string().nullable(),
    refresh_expires_in: z.int(),
    user: UserResource,
  })
  .meta({ id: 'Tokens', example: EXAMPLE });
