import { z } from 'zod';
import { nullableFreeObject } from './free-json.ts';
import { Instant } from './instant.ts';
import { ROLES, STATUSES } from './roles.ts';

/** Somebody, for documents. */
export const USER_EXAMPLE = {
  id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
  username: 'ada_l',
  email: 'ada@example.com',
  email_verified: true,
  pending_email: null,
  name: 'Ada Lovelace',
  first_name: 'Ada',
  last_name: 'Lovelace',
  phone: '+1-555-0123',
  role: 'user',
  status: 'active',
  is_active: true,
  preferences: { theme: 'dark' },
  picture_url: null,
  created_at: '2026-01-02T03:04:05.678Z',
  updated_at: '2026-01-02T03:05:06.789Z',
  last_login: '2026-02-03T04:05:06.789Z',
} as const;

/** A person as both APIs answer. Fields without a value are null, never missing. */
export const UserResource = z
  .strictObject({
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
    preferences: nullableFreeObject('At most 16 KiB.'),
    picture_url: z.string().nullable(),
    created_at: Instant,
    updated_at: Instant,
    last_login: Instant.nullable(),
  })
  .meta({ id: 'User', example: USER_EXAMPLE });
export type UserResource = z.output<typeof UserResource>;
