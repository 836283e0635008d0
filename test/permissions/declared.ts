import type { Access, PersonRule } from '@rollbook/shared/contracts/access';
import { MAY_CHANGE, PERMISSIONS } from '@rollbook/shared/contracts/permissions';
import type { Caller, Target, Verdict } from './rules.ts';

/**
 * What a declaration promises, worked out from the matrix as data. It calls none of the product's functions, so that a
 * fault in those cannot hide here too.
 */
export const declaredVerdict = (access: Access, part: string | undefined, caller: Caller, target: Target): Verdict => {
  if (access.who === 'anyone' || access.who === 'holder') return 'in';
  if (access.who === 'permitted' && access.strangers && caller === 'nobody') return 'in';
  if (caller === 'nobody') return 401;
  if (access.who === 'signed-in') return 'in';
  const holds = (may: keyof typeof PERMISSIONS): boolean =>
    Object.entries(PERMISSIONS).some(([id, { roles }]) => id === may && (roles as readonly string[]).includes(caller));
  if (access.who === 'permitted') return holds(access.may) ? 'in' : 403;
  const rule: PersonRule | undefined =
    access.who === 'person' ? (part === undefined ? access : access.parts?.[part]) : undefined;
  if (access.who === 'person' && !rule) throw new Error(`Nothing is declared for ${String(part)}`);
  if (target === 'missing' || target === 'erased') return 404;
  if (target === 'self' && rule?.self !== 'as-others') return rule?.self === 'never' ? 403 : 'in';
  if (target !== 'self' && !holds('read_users')) return 404;
  if (!rule || !holds(rule.may)) return 403;
  const reached = MAY_CHANGE[caller];
  return rule.over === 'anybody' || target === 'self' || reached.includes(target) ? 'in' : 403;
};
