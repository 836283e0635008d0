import { describe, expect, test } from '@jest/globals';
import { refuseCaller, refusePerson, sees, type PersonRule } from '@rollbook/shared/contracts/access';
import { accessInWords } from '@rollbook/shared/contracts/access-in-words';
import { holds, MAY_CHANGE, MAY_CREATE, PERMISSIONS, permissionsOf } from '@rollbook/shared/contracts/permissions';
import { reject, REJECTIONS } from '@rollbook/shared/contracts/rejections';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';

const as = (role: Role, userId = 'caller') => ({ userId, role });
const HIDDEN = reject('hidden');
const MISSING = reject('not_found');
const FORBIDDEN = reject('forbidden');

describe('The role matrix', () => {
  test('says for every permission which roles hold it', () => {
    expect(Object.fromEntries(Object.entries(PERMISSIONS).map(([id, { roles }]) => [id, roles]))).toStrictEqual({
      own_account: ['user', 'moderator', 'manager', 'auditor', 'admin'],
      read_users: ['moderator', 'manager', 'auditor', 'admin'],
      create_users: ['manager', 'admin'],
      change_users: ['manager', 'admin'],
      read_history: ['manager', 'auditor', 'admin'],
      read_audit: ['auditor', 'admin'],
      read_erasures: ['auditor', 'admin'],
      assign_roles: ['admin'],
      set_email: ['admin'],
      erase_users: ['admin'],
      manage_sessions: ['admin'],
      operate: ['admin'],
      manage_api_keys: ['admin'],
    });
  });

  test('reads the same by role', () => {
    expect(permissionsOf('user')).toStrictEqual(['own_account']);
    expect(permissionsOf('moderator')).toStrictEqual(['own_account', 'read_users']);
    expect(permissionsOf('admin')).toStrictEqual(Object.keys(PERMISSIONS));
  });

  test('a manager changes users and moderators, creates users; an administrator everybody', () => {
    expect(MAY_CHANGE).toStrictEqual({
      user: [],
      moderator: [],
      manager: ['user', 'moderator'],
      auditor: [],
      admin: ROLES,
    });
    expect(MAY_CREATE).toStrictEqual({ user: [], moderator: [], manager: ['user'], auditor: [], admin: ROLES });
  });

  test('lets nobody reach or create a role without the permission to', () => {
    for (const role of ROLES) {
      expect(MAY_CHANGE[role].length > 0).toBe(holds(role, 'change_users'));
      expect(MAY_CREATE[role].length > 0).toBe(holds(role, 'create_users'));
    }
  });
});

describe('A rule on people', () => {
  const rule = (more: Partial<PersonRule> = {}): PersonRule => ({
    may: 'change_users',
    over: 'changeable',
    self: 'always',
    ...more,
  });
  const other = (role: Role | null) => ({ id: 'other', role });

  test('hides others from users, and shows them to staff', () => {
    expect(ROLES.filter((role) => sees(as(role), 'other'))).toStrictEqual(['moderator', 'manager', 'auditor', 'admin']);
    expect(sees(as('user'), 'caller')).toBe(true);
  });

  test('gives a user the same answer for somebody as for nobody', () => {
    expect(refusePerson(rule(), as('user'), other('user'))).toStrictEqual(HIDDEN);
    expect(refusePerson(rule(), as('user'), other(null))).toStrictEqual(HIDDEN);
    expect(REJECTIONS.hidden).toBe(REJECTIONS.not_found);
  });

  test('tells apart who may not from whom there is nothing to do for', () => {
    expect(refusePerson(rule(), as('moderator'), other(null))).toStrictEqual(HIDDEN);
    expect(refusePerson(rule(), as('manager'), other(null))).toStrictEqual(MISSING);
    expect(refusePerson({ who: 'self' }, as('admin'), other(null))).toStrictEqual(HIDDEN);
    expect(refusePerson(rule(), as('user'), { id: 'caller', role: null })).toStrictEqual(MISSING);
  });

  test('forbids whoever sees the person but lacks the permission', () => {
    expect(refusePerson(rule(), as('moderator'), other('user'))).toStrictEqual(FORBIDDEN);
    expect(refusePerson(rule(), as('auditor'), other('user'))).toStrictEqual(FORBIDDEN);
  });

  test('reaches only the roles that the caller may change, where it says so', () => {
    const reached = (caller: Role) => ROLES.filter((role) => refusePerson(rule(), as(caller), other(role)) === null);
    expect(reached('manager')).toStrictEqual(['user', 'moderator']);
    expect(reached('admin')).toStrictEqual(ROLES);
    expect(refusePerson(rule({ over: 'anybody' }), as('manager'), other('admin'))).toBeNull();
  });

  test('lets everybody, nobody, or by permission do it to themselves', () => {
    const self = (role: Role) => ({ id: 'caller', role });
    expect(refusePerson(rule(), as('user'), self('user'))).toBeNull();
    expect(refusePerson(rule({ self: 'never' }), as('admin'), self('admin'))).toStrictEqual(FORBIDDEN);
    expect(refusePerson(rule({ self: 'as-others' }), as('user'), self('user'))).toStrictEqual(FORBIDDEN);
    expect(refusePerson(rule({ self: 'as-others' }), as('admin'), self('admin'))).toBeNull();
  });

  test('may leave a thing to the person alone', () => {
    const only = { who: 'self' } as const;
    expect(refusePerson(only, as('user'), { id: 'caller', role: 'user' })).toBeNull();
    expect(refusePerson(only, as('admin'), other('user'))).toStrictEqual(FORBIDDEN);
    expect(refusePerson(only, as('user'), other('user'))).toStrictEqual(HIDDEN);
  });
});

test('What concerns nobody in particular is forbidden without the permission', () => {
  expect(refuseCaller({ who: 'permitted', may: 'read_users' }, as('user'))).toStrictEqual(FORBIDDEN);
  expect(refuseCaller({ who: 'permitted', may: 'read_users' }, as('moderator'))).toBeNull();
  expect(refuseCaller({ who: 'signed-in' }, as('user'))).toBeNull();
});

describe('The API document says who may call', () => {
  test.each([
    [accessInWords({ who: 'anyone' }), 'Anyone.'],
    [accessInWords({ who: 'holder', of: 'link' }), 'Whoever has the link of the mail.'],
    [accessInWords({ who: 'signed-in' }), 'Everybody who is signed in.'],
    [accessInWords({ who: 'self' }), 'Only the person.'],
    [accessInWords({ who: 'permitted', may: 'read_erasures' }), '`auditor`, `admin`.'],
    [
      accessInWords({ who: 'permitted', may: 'create_users', strangers: true }),
      'Anyone for themselves; `manager`, `admin` for others.',
    ],
    [
      accessInWords({ who: 'person', may: 'read_users', over: 'anybody', self: 'always', scope: 'users:read' }),
      'The person; `moderator`, `manager`, `auditor`, `admin` for everybody. API keys with `users:read`.',
    ],
    [
      accessInWords({
        who: 'person',
        may: 'change_users',
        over: 'changeable',
        self: 'always',
        parts: {
          role: { may: 'assign_roles', over: 'anybody', self: 'never' },
          'soft_delete=false': { may: 'erase_users', over: 'anybody', self: 'as-others' },
        },
      }),
      'The person; `manager` for `user`, `moderator`; `admin` for everybody. ' +
        '`role`: `admin` for everybody; nobody for themselves. `soft_delete=false`: `admin` for everybody.',
    ],
  ])('%s', (said, expected) => {
    expect(said).toBe(expected);
  });
});
