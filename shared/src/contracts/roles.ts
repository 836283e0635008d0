/** Lower roles first; `auditor` stands beside the ladder. */
export const ROLES = ['user', 'moderator', 'manager', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const STATUSES = ['pending', 'active', 'deactivated', 'erased'] as const;
export type Status = (typeof STATUSES)[number];

/** Every role but `user`: may list and read users. */
export const isStaff = (role: Role): boolean => role !== 'user';

/** Which roles somebody of this role may create, change and deactivate. */
export const MAY_CHANGE: Readonly<Record<Role, readonly Role[]>> = {
  user: [],
  moderator: [],
  manager: ['user', 'moderator'],
  auditor: [],
  admin: ROLES,
};

/** Which roles somebody of this role may give to an account that they create. */
export const MAY_CREATE: Readonly<Record<Role, readonly Role[]>> = {
  user: [],
  moderator: [],
  manager: ['user'],
  auditor: [],
  admin: ROLES,
};
