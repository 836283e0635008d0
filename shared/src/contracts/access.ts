import { holds, MAY_CHANGE, type ApiScope, type PermissionId } from './permissions.ts';
import { reject, type Rejection } from './rejections.ts';
import type { Role } from './roles.ts';

/** A rule about doing something to a person whom the path names. */
export interface PersonRule {
  readonly may: PermissionId;
  /** `changeable`: the person's role must be one that the caller's role may change. */
  readonly over: 'anybody' | 'changeable';
  /** Oneself: whatever the role (`always`), whatever the role not (`never`), or by the permission like anybody else. */
  readonly self: 'always' | 'never' | 'as-others';
}

/**
 * Who may call an endpoint: its `permission`. `scope`: an API key of this scope may too, whatever else stands here.
 * - `anyone`: no token is looked at
 * - `holder`: whoever can show this
 * - `signed-in`: everybody signed in; it concerns them, or nobody in particular
 * - `self`: only the person whom the path names
 * - `permitted`: who holds the permission; it concerns nobody in particular. `strangers`: without a token anyone, too
 * - `person`: by a rule about the person whom the path names. `parts`: what in a request (a field of the body, a
 *   parameter with its value) needs another rule
 */
export type Access =
  | { readonly who: 'anyone' }
  | { readonly who: 'holder'; readonly of: 'link' | 'refresh-token' | 'any-token' }
  | { readonly who: 'signed-in'; readonly scope?: ApiScope }
  | { readonly who: 'self' }
  | { readonly who: 'permitted'; readonly may: PermissionId; readonly strangers?: true; readonly scope?: ApiScope }
  | PersonAccess;

export interface PersonAccess extends PersonRule {
  readonly who: 'person';
  readonly parts?: Readonly<Record<string, PersonRule>>;
  readonly scope?: ApiScope;
}

/** Who asks. */
export interface Asking {
  readonly userId: string;
  readonly role: Role;
}

/** The person whom a path names. */
export interface Target {
  readonly id: string | null;
  /** null: nobody is there. */
  readonly role: Role | null;
}

/** Oneself, and everybody for staff. To whoever may not see a person, nobody is there. */
export const sees = (caller: Asking, personId: string | null): boolean =>
  caller.userId === personId || holds(caller.role, 'read_users');

/** What only the person may do. */
const ONLY_SELF = { may: null, over: 'anybody', self: 'always' } as const;

/**
 * Whether this caller may do this to this person; null: they may. `forbidden` where they may see the person but not do
 * it; `hidden` where they may not see them, or may not do it to anybody and nobody is there; `not_found` where all that
 * stands in the way is that nobody is there. The last two are one answer.
 */
export const refusePerson = (
  rule: PersonRule | Extract<Access, { who: 'self' }>,
  caller: Asking,
  target: Target,
): Rejection | null => {
  const { may, over, self } = 'may' in rule ? rule : ONLY_SELF;
  const own = caller.userId === target.id;
  const lacks = may === null || !holds(caller.role, may);
  if (!sees(caller, target.id)) return reject('hidden');
  if (target.role === null) return reject(lacks && !own ? 'hidden' : 'not_found');
  if (own && self !== 'as-others') return self === 'always' ? null : reject('forbidden');
  if (lacks) return reject('forbidden');
  return over === 'anybody' || MAY_CHANGE[caller.role].includes(target.role) ? null : reject('forbidden');
};

/** Whether this caller may call an endpoint that concerns nobody in particular; where it does, the rule on them decides. */
export const refuseCaller = (access: Access, { role }: Pick<Asking, 'role'>): Rejection | null =>
  access.who === 'permitted' && !holds(role, access.may) ? reject('forbidden') : null;
