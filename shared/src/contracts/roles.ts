/** Lower roles first; `auditor` stands beside the ladder. */
export const ROLES = ['user', 'moderator', 'manager', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const STATUSES = ['pending', 'active', 'deactivated', 'erased'] as const;
export type Status = (typeof STATUSES)[number];
