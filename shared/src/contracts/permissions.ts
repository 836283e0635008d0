import { ROLES, type Role } from './roles.ts';

interface Row {
  /** Goes on after "may". */
  readonly says: string;
  readonly roles: readonly Role[];
}

const rows = <const T extends Record<string, Row>>(table: T): T => table;

/**
 * The role matrix: every permission there is, and which roles hold it. The endpoints, the deciders, `GET /roles` and
 * the documents all read it here; nothing else compares a caller's role with a name.
 */
export const PERMISSIONS = rows({
  own_account: { says: 'read and change the own profile, and deactivate the own account', roles: ROLES },
  read_users: { says: 'list and read users', roles: ['moderator', 'manager', 'auditor', 'admin'] },
  create_users: { says: 'create users, in the roles of `may_create`', roles: ['manager', 'admin'] },
  change_users: { says: 'change and deactivate users of the roles of `may_change`', roles: ['manager', 'admin'] },
  read_history: { says: 'read any history', roles: ['manager', 'auditor', 'admin'] },
  read_audit: { says: 'read, export and verify the audit trail', roles: ['auditor', 'admin'] },
  read_erasures: { says: 'read erasures and their receipts, and see who was erased', roles: ['auditor', 'admin'] },
  assign_roles: { says: 'assign roles to others', roles: ['admin'] },
  set_email: { says: 'change the address of others without their confirmation', roles: ['admin'] },
  erase_users: { says: 'erase a person, or turn their request for it down', roles: ['admin'] },
  manage_sessions: { says: 'list and end the sessions of others', roles: ['admin'] },
  operate: { says: 'see how the service runs, and try again what stopped', roles: ['admin'] },
  manage_api_keys: { says: 'create, list and revoke API keys', roles: ['admin'] },
});
export type PermissionId = keyof typeof PERMISSIONS;

const RIGHTS: Readonly<Record<PermissionId, Row>> = PERMISSIONS;

export const holds = (role: Role, permission: PermissionId): boolean => RIGHTS[permission].roles.includes(role);

/** In the order of the matrix. */
export const permissionsOf = (role: Role): readonly PermissionId[] =>
  (Object.keys(PERMISSIONS) as PermissionId[]).filter((permission) => holds(role, permission));

/** Whom `change_users` reaches: the lower roles of the ladder; for an administrator everybody. */
export const MAY_CHANGE: Readonly<Record<Role, readonly Role[]>> = {
  user: [],
  moderator: [],
  manager: ['user', 'moderator'],
  auditor: [],
  admin: ROLES,
};

/** Which roles `create_users` may give to the new account. */
export const MAY_CREATE: Readonly<Record<Role, readonly Role[]>> = {
  user: [],
  moderator: [],
  manager: ['user'],
  auditor: [],
  admin: ROLES,
};

/** What an API key may be made for. A key has no role and gives no command. */
export const API_SCOPES = ['users:read', 'events:read', 'audit:read'] as const;
export type ApiScope = (typeof API_SCOPES)[number];
