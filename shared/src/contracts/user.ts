import { z } from 'zod';
import { ROLES, STATUSES } from './roles.ts';

/** A person as both APIs answer. Fields without a value are null, never missing. */
export const UserResource = z.strictObject({
  id: z.uuid(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  email_verified: z.boolean(),
  pending_email: z.string().nullable(),
  name: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  phone: z.string().nullable(),
  role: z.enum(ROLES),
  status: z.enum(STATUSES),
  is_active: z.boolean(),
  preferences: z.record(z.string(), z.json()).nullable(),
  picture_url: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  last_login: z.string().nullable(),
});
export type UserResource = z.output<typeof UserResource>;
