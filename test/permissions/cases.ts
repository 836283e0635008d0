import type { OperationId } from '@rollbook/shared/contracts/operations';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { PASSWORD } from '../support/journey.ts';
import { ADMIN } from '../support/rollbook.ts';
import * as rules from './rules.ts';
import type { Rule, Target } from './rules.ts';

/** A person as a request needs them. */
export interface Somebody {
  readonly id: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly username: string;
  readonly email: string;
}

/** One kind of request: to a route, or to a part of it that has a rule of its own. */
export interface Case {
  readonly operation: OperationId;
  /** As the declaration's `parts` name it, or in words. */
  readonly part?: string;
  /** True when the path names a person: then it is sent about everybody. */
  readonly aboutPeople?: true;
  readonly rule: Rule;
  /** The status for those who are let in; no such request changes anything. */
  readonly in: number | ((target: Target) => number);
  readonly query?: string | (() => string);
  readonly body?: (target: Somebody) => object;
  /** A body that is no JSON: a picture. */
  readonly picture?: true;
}

/** Sent with every command: whoever is let in is stopped by it, so that the walk leaves everything as it was. */
export const UNMET = '"99999"';

const anotherRole = ({ role }: Somebody): Role => (role === 'moderator' ? 'user' : 'moderator');
const whole = ({ username, email, role }: Somebody, more: object): object => ({
  ...{ username, email, first_name: null, last_name: null, phone: null, role, is_active: true },
  ...more,
});
const link = { token: 'none' };
const asOfNow = (): string => `?as_of=${new Date().toISOString()}`;
const newPassword = 'Another-Horse-8';

const change = { rule: rules.does({ self: 'in', reach: rules.BY_MANAGERS }), aboutPeople: true, in: 412 } as const;
const giveRole = { rule: rules.does({ self: 403, reach: rules.BY_ADMINS }), aboutPeople: true, in: 412 } as const;
const byAdmins = { rule: rules.does({ self: 'in', reach: rules.BY_ADMINS }), aboutPeople: true, in: 412 } as const;

/** What is sent, and who is let in. */
export const CASES: readonly Case[] = [
  ...ROLES.map((role): Case => {
    const body = () => ({ email: ADMIN.email, username: 'somebody-new', password: PASSWORD, role });
    return { operation: 'registerUser', part: `a ${role}`, rule: rules.creates(role), in: 409, body };
  }),
  { operation: 'replaceUser', ...change, body: (one) => whole(one, { phone: '+1-555-0199' }) },
  { operation: 'replaceUser', part: 'role', ...giveRole, body: (one) => whole(one, { role: anotherRole(one) }) },
  { operation: 'updateUser', ...change, body: () => ({ phone: '+1-555-0199' }) },
  { operation: 'updateUser', part: 'role', ...giveRole, body: (one) => ({ role: anotherRole(one) }) },
  { operation: 'deleteUser', ...change },
  {
    operation: 'deleteUser',
    part: 'soft_delete=false',
    query: '?soft_delete=false',
    rule: rules.does({ self: 'by role', reach: rules.BY_ADMINS }),
    aboutPeople: true,
    in: 412,
  },
  { operation: 'assignRole', ...giveRole, body: (one) => ({ role: anotherRole(one) }) },
  { operation: 'setPicture', ...change, picture: true },
  { operation: 'removePicture', ...change },
  {
    operation: 'requestErasure',
    rule: rules.does({ self: 'in', reach: {} }),
    aboutPeople: true,
    in: 412,
    body: () => ({ current_password: PASSWORD }),
  },
  { operation: 'cancelErasure', ...byAdmins },
  { operation: 'revokeSession', ...byAdmins },
  {
    operation: 'resendInvitation',
    rule: rules.does({ self: 403, reach: rules.BY_MANAGERS }),
    aboutPeople: true,
    // Nobody of them is invited any more.
    in: 409,
  },
  {
    operation: 'createApiKey',
    rule: rules.only('admin'),
    in: 412,
    body: () => ({ name: 'billing', scopes: ['users:read'] }),
  },
  // There is no such key.
  { operation: 'revokeApiKey', rule: rules.only('admin'), in: 404 },
  // Nothing stands still.
  {
    operation: 'redrive',
    rule: rules.only('admin'),
    in: 404,
    body: () => ({ what: 'parked_event', id: '00000000-0000-4000-8000-000000000000' }),
  },
  { operation: 'logoutEverywhere', rule: rules.signedIn, in: 412 },
  {
    operation: 'changePassword',
    rule: rules.signedIn,
    in: 412,
    body: () => ({ current_password: PASSWORD, new_password: newPassword }),
  },

  // The stream has no end, so whoever is let in is refused for where it shall begin.
  { operation: 'followEvents', query: '?from=nowhere', rule: rules.only('auditor', 'admin'), in: 400 },
  { operation: 'listUsers', rule: rules.only('moderator', 'manager', 'auditor', 'admin'), in: 200 },
  { operation: 'getMe', rule: rules.signedIn, in: 200 },
  { operation: 'getMe', part: 'as_of', query: asOfNow, rule: rules.signedIn, in: 200 },
  { operation: 'getUser', rule: rules.reader, aboutPeople: true, in: 200 },
  { operation: 'getUser', part: 'as_of', query: asOfNow, rule: rules.historian, aboutPeople: true, in: 200 },
  { operation: 'getUserHistory', rule: rules.historian, aboutPeople: true, in: 200 },
  {
    operation: 'getPicture',
    rule: (caller, target) => (target === 'erased' && caller !== 'nobody' ? 404 : rules.reader(caller, target)),
    aboutPeople: true,
    in: 200,
  },
  { operation: 'listAuditEvents', rule: rules.only('auditor', 'admin'), in: 200 },
  // There is no such event.
  { operation: 'getAuditEvent', rule: rules.only('auditor', 'admin'), in: 404 },
  { operation: 'getAuditStats', rule: rules.only('auditor', 'admin'), in: 200 },
  { operation: 'exportAudit', rule: rules.only('auditor', 'admin'), in: 200 },
  { operation: 'getCheckpoint', rule: rules.only('auditor', 'admin'), in: 200 },
  { operation: 'getProof', rule: rules.only('auditor', 'admin'), in: 404 },
  { operation: 'getConsistencyProof', rule: rules.only('auditor', 'admin'), in: 200, query: '?from=0' },
  { operation: 'getOperations', rule: rules.only('admin'), in: 200 },
  { operation: 'listApiKeys', rule: rules.only('admin'), in: 200 },
  { operation: 'listRoles', rule: rules.signedIn, in: 200 },
  { operation: 'listSessions', ...byAdmins, in: 200 },
  { operation: 'listErasures', rule: rules.only('auditor', 'admin'), in: 200 },
  {
    operation: 'getErasure',
    rule: rules.only('auditor', 'admin'),
    aboutPeople: true,
    in: (target) => (target === 'missing' ? 404 : 200),
  },

  // Who asks makes no difference here; what they hold does, and here they hold nothing.
  { operation: 'login', rule: rules.anybody, in: 200, body: () => ADMIN },
  { operation: 'requestPasswordReset', rule: rules.anybody, in: 202, body: () => ({ email: 'nobody@example.com' }) },
  { operation: 'resendVerification', rule: rules.anybody, in: 202, body: () => ({ email: 'nobody@example.com' }) },
  { operation: 'refresh', rule: rules.anybody, in: 401, body: () => ({ refresh_token: 'none' }) },
  { operation: 'logout', rule: rules.anybody, in: 401, body: () => ({ refresh_token: 'none' }) },
  { operation: 'verifyEmail', rule: rules.anybody, in: 400, body: () => link },
  { operation: 'rejectRegistration', rule: rules.anybody, in: 400, body: () => link },
  { operation: 'confirmEmailChange', rule: rules.anybody, in: 400, body: () => link },
  { operation: 'confirmErasure', rule: rules.anybody, in: 400, body: () => link },
  { operation: 'resetPassword', rule: rules.anybody, in: 400, body: () => ({ ...link, new_password: newPassword }) },
  { operation: 'acceptInvitation', rule: rules.anybody, in: 400, body: () => ({ ...link, password: newPassword }) },
];

export const titleOf = ({ operation, part }: Case): string =>
  part === undefined ? operation : `${operation} (${part})`;
