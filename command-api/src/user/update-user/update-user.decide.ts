import { refusePerson, sees, type Asking, type PersonAccess, type PersonRule } from '@rollbook/shared/contracts/access';
import { holds } from '@rollbook/shared/contracts/permissions';
import type { UserResource } from '@rollbook/shared/contracts/user';
import type { Role } from '@rollbook/shared/contracts/roles';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { canonicalJson } from '@rollbook/shared/kernel/json';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';
import type { Removal } from '../../admin-roster/removal.decide.ts';
import { fitsPreferences, PREFERENCES_TOO_BIG } from '../../input/fields.ts';
import { mergePatch } from './merge-patch.ts';

type Preferences = NonNullable<UserResource['preferences']>;

/** What a request wants a person to be. What is left out stays; null clears. */
export interface WantedUser {
  readonly name?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly phone?: string | null;
  /** `merge` as RFC 7396 says, or the whole. */
  readonly preferences?: { readonly merge: Preferences } | { readonly whole: Preferences };
  readonly username?: string;
  readonly email?: string;
  readonly role?: Role;
  readonly isActive?: boolean;
  /** DELETE. The permission is needed also where nothing changes: PUT and PATCH alone excuse equal values. */
  readonly evenIfEqual?: true;
}

/** Profile values as an event carries them: only those that change. */
export interface ProfileChange {
  name?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  phone?: string | null;
  preferences?: Preferences;
}

export interface UpdatePlan {
  readonly profile: ProfileChange;
  readonly username: string | null;
  /** `request`: only whoever reads the mailbox can confirm it. `set`: at once, unverified. */
  readonly email: { readonly how: 'request' | 'set'; readonly address: string; readonly canonical: string } | null;
  readonly role: Role | null;
  readonly active: boolean | null;
  /** What takes an administrator's grant away first; null when nothing does. */
  readonly removal: Removal | null;
}

/** Nobody changes their own role. */
export const ASSIGN_ROLE = { may: 'assign_roles', over: 'anybody', self: 'never' } as const satisfies PersonRule;

export const CHANGE_USER = {
  who: 'person',
  may: 'change_users',
  over: 'changeable',
  self: 'always',
  parts: { role: ASSIGN_ROLE },
} as const satisfies PersonAccess;

/** Before anything is looked at: whether the person is there, and may be seen. Who asks for a role asks by its rule. */
export const refuseUnseen = (
  caller: Asking,
  target: Person,
  { userId, wanted }: { readonly userId: string; readonly wanted: WantedUser },
): Rejection | null => {
  if (sees(caller, userId) && target.existence === 'registered') return null;
  const onlyRole = Object.keys(wanted).join() === 'role';
  return refusePerson(onlyRole ? ASSIGN_ROLE : CHANGE_USER, caller, { ...targetOf(target), id: userId });
};

export const isEmpty = ({ profile, username, email, role, active }: UpdatePlan): boolean =>
  Object.keys(profile).length === 0 && username === null && email === null && role === null && active === null;

/**
 * What has to change, and whether this caller may change it. A value equal to the stored (or pending) one is no change:
 * it needs no permission and makes no event.
 */
export const decideUpdate = (caller: Asking, target: Person, wanted: WantedUser): UpdatePlan | Rejection => {
  const plan = planOf(caller, target, wanted);
  if (isEmpty(plan) && wanted.evenIfEqual !== true) return plan;
  return refusal(caller, target, plan) ?? nothingToEnd(target, wanted) ?? tooMuch(plan) ?? plan;
};

const planOf = (caller: Asking, target: Person, wanted: WantedUser): UpdatePlan => {
  const role = wanted.role !== undefined && wanted.role !== target.role ? wanted.role : null;
  const isActive = target.status === 'active';
  const active = wanted.isActive !== undefined && wanted.isActive !== isActive ? wanted.isActive : null;
  return {
    profile: profileChange(target, wanted),
    username: wanted.username !== undefined && wanted.username !== target.username ? wanted.username : null,
    email: emailChange(caller, target, wanted.email),
    role,
    active,
    removal: removalFor(target, role, active),
  };
};

const emailChange = (caller: Asking, target: Person, address: string | undefined): UpdatePlan['email'] => {
  const canonical = address === undefined ? null : canonicalEmail(address);
  if (address === undefined || canonical === null) return null;
  const known = [target.email, target.emailChange?.email].map((email) => (email ? canonicalEmail(email) : null));
  if (known.includes(canonical)) return null;
  const how = holds(caller.role, 'set_email') && caller.userId !== target.id ? 'set' : 'request';
  return { how, address, canonical };
};

const profileChange = (target: Person, wanted: WantedUser): ProfileChange => {
  const user = target.view?.user;
  const change: ProfileChange = {};
  if (wanted.name !== undefined && wanted.name !== (target.view?.givenName ?? null)) change.name = wanted.name;
  if (wanted.firstName !== undefined && wanted.firstName !== user?.first_name) change.firstName = wanted.firstName;
  if (wanted.lastName !== undefined && wanted.lastName !== user?.last_name) change.lastName = wanted.lastName;
  if (wanted.phone !== undefined && wanted.phone !== user?.phone) change.phone = wanted.phone;
  const before = user?.preferences ?? {};
  if (wanted.preferences !== undefined) {
    const { preferences } = wanted;
    const after = 'merge' in preferences ? mergePatch(before, preferences.merge) : preferences.whole;
    if (canonicalJson(before) !== canonicalJson(after)) change.preferences = after;
  }
  return change;
};

/**
 * DELETE asks for an end. A registration that nobody verified has none but its own: verification would still activate
 * it, so to say "deactivated" would be untrue, and a deactivated one would hold the address of its owner for good.
 */
const nothingToEnd = (target: Person, wanted: WantedUser): Rejection | null =>
  wanted.evenIfEqual === true && target.status === 'pending' ? reject('registration_pending') : null;

/** A merge may not grow what a body alone could not bring. */
const tooMuch = ({ profile: { preferences } }: UpdatePlan): Rejection | null => {
  if (preferences === undefined || fitsPreferences(preferences)) return null;
  return reject('invalid_input', {
    details: [{ field: 'preferences', code: 'too_large', message: PREFERENCES_TOO_BIG }],
  });
};

const removalFor = (target: Person, role: Role | null, active: boolean | null): Removal | null => {
  if (target.role !== 'admin') return null;
  if (role !== null) return { kind: 'demotion', to: role };
  return active === false ? { kind: 'deactivation', to: null } : null;
};

const refusal = (caller: Asking, target: Person, plan: UpdatePlan): Rejection | null => {
  const refused = plan.role === null ? null : refusePerson(ASSIGN_ROLE, caller, targetOf(target));
  if (refused?.rejection === 'forbidden') {
    const self = caller.userId === target.id;
    const message = self ? 'Nobody changes their own role.' : 'Only an administrator gives roles.';
    return reject('forbidden', { details: [{ field: 'role', code: 'forbidden', message }] });
  }
  return refused ?? refusePerson(CHANGE_USER, caller, targetOf(target));
};

/** What is left to do after the removal: a demotion leaves the state to decide, a deactivation nothing of both. */
export const withoutRemoval = (
  { role: _role, isActive, evenIfEqual: _done, ...rest }: WantedUser,
  removedBy: string,
): WantedUser => (removedBy === 'RoleChanged' && isActive !== undefined ? { ...rest, isActive } : rest);
