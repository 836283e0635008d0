import type { UserResource } from '@rollbook/shared/contracts/user';

/** A person as `USER_JSON` selects them. */
export interface UserRow extends Omit<UserResource, 'is_active'> {
  readonly revision: number;
  readonly sign_ins: number;
}

const time = (column: string): string => `to_char(u.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One row of `read_model.user_directory u` as JSON; times are RFC 3339 in UTC with milliseconds. */
export const USER_JSON = `json_build_object(
  'id', u.id, 'username', u.username, 'email', u.email, 'email_verified', u.email_verified,
  'pending_email', u.pending_email, 'name', u.name, 'first_name', u.first_name, 'last_name', u.last_name,
  'phone', u.phone, 'role', u.role, 'status', u.status, 'preferences', u.preferences, 'picture_url', u.picture_url,
  'created_at', ${time('created_at')}, 'updated_at', ${time('updated_at')}, 'last_login', ${time('last_login')},
  'revision', u.revision, 'sign_ins', u.sign_ins)`;

/** The row on the wire: every field is there, and only those. */
export const toResource = (row: UserRow): UserResource => ({
  id: row.id,
  username: row.username,
  email: row.email,
  email_verified: row.email_verified,
  pending_email: row.pending_email,
  name: row.name,
  first_name: row.first_name,
  last_name: row.last_name,
  phone: row.phone,
  role: row.role,
  status: row.status,
  is_active: row.status === 'active',
  preferences: row.preferences,
  picture_url: row.picture_url,
  created_at: row.created_at,
  updated_at: row.updated_at,
  last_login: row.last_login,
});
