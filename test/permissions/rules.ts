import { ROLES, type Role } from '@rollbook/shared/contracts/roles';

/** Who asks: somebody of a role, or nobody (no token). */
export type Caller = Role | 'nobody';
export const CALLERS: readonly Caller[] = ['nobody', ...ROLES];

/** Whom it concerns: the caller, somebody else of a role, somebody erased, or nobody who ever was. */
export type Target = 'self' | Role | 'erased' | 'missing';

/** `in`: whatever the endpoint answers to those whom it serves. */
export type Verdict = 'in' | 401 | 403 | 404;
export type Rule = (caller: Caller, target: Target) => Verdict;

// The rules below are the role matrix once more, in other words and by hand: none of them asks the product.

const STAFF: readonly Role[] = ['moderator', 'manager', 'auditor', 'admin'];

/** Whoever asks, with or without a token. */
export const anybody: Rule = () => 'in';

export const signedIn: Rule = (caller) => (caller === 'nobody' ? 401 : 'in');

export const only =
  (...roles: readonly Role[]): Rule =>
  (caller) => {
    if (caller === 'nobody') return 401;
    return roles.includes(caller) ? 'in' : 403;
  };

/** Reads users: staff, and everybody themselves. Erased people are there only for those who read erasures. */
export const reader: Rule = (caller, target) => {
  if (caller === 'nobody') return 401;
  if (target === 'self') return 'in';
  if (target === 'missing' || caller === 'user') return 404;
  return target === 'erased' && !['auditor', 'admin'].includes(caller) ? 404 : 'in';
};

/** Reads what somebody was and did: managers, auditors and administrators, and everybody of themselves. */
export const historian: Rule = (caller, target) => {
  const verdict = reader(caller, target);
  return verdict === 'in' && caller === 'moderator' && target !== 'self' ? 403 : verdict;
};

/** Does something to a person: `reach` says which roles do it to whom; nobody does anything to the erased. */
export const does =
  ({ self, reach }: { self: 'in' | 403 | 'by role'; reach: Partial<Record<Role, readonly Role[]>> }): Rule =>
  (caller, target) => {
    if (caller === 'nobody') return 401;
    if (target === 'self' && self !== 'by role') return self;
    if (target === 'missing' || target === 'erased') return 404;
    if (target !== 'self' && !STAFF.includes(caller)) return 404;
    return (reach[caller] ?? []).includes(target === 'self' ? caller : target) ? 'in' : 403;
  };

export const BY_MANAGERS = { manager: ['user', 'moderator'], admin: ROLES } as const;
export const BY_ADMINS = { admin: ROLES } as const;

/** Creates an account of the role; without a token one's own. */
export const creates =
  (role: Role): Rule =>
  (caller) => {
    if (caller === 'admin') return 'in';
    return role === 'user' && (caller === 'nobody' || caller === 'manager') ? 'in' : 403;
  };

/** How the target stands to the caller, for whoever reads a failure. */
export const standing = (caller: Caller, target: Target): string => {
  if (caller === 'nobody' || target === 'self' || target === 'missing' || target === 'erased') return target;
  const ladder: readonly Role[] = ['user', 'moderator', 'manager', 'admin'];
  const [own, other] = [ladder.indexOf(caller), ladder.indexOf(target)];
  if (caller === target) return `equal: ${target}`;
  if (own < 0 || other < 0) return `beside: ${target}`;
  return `${other < own ? 'lower' : 'higher'}: ${target}`;
};
