import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { call, type CallOptions, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, PASSWORD } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { CASES, titleOf, UNMET, type Case, type Somebody } from './cases.ts';
import { CALLERS, only, standing, type Caller, type Rule, type Target } from './rules.ts';

interface SignedIn extends Somebody {
  readonly token: string;
}

let rollbook: TestRollbook;
const callers = new Map<Caller, SignedIn>();
const others = new Map<Target, Somebody>();
/** Of the last change before the walk: what is read afterwards holds all of it. */
let consistency: string;

/** One pixel, as PNG. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const send = async (
  method: string,
  path: string,
  { token, headers = {}, body }: CallOptions,
): Promise<ClientAnswer> => {
  const type = body instanceof Buffer ? 'image/png' : 'application/json';
  const answer = await fetch(`${rollbook.url}/v1${path}`, {
    method,
    headers: {
      ...headers,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': type } : {}),
    },
    ...(body ? { body: body instanceof Buffer ? body : JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : null };
};

const sessionOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;

/** Somebody of the role who is signed in, has a picture, and has asked to be erased. */
const somebody = async (journey: ReturnType<typeof journeyOn>, admin: string, name: string, role: Role) => {
  await journey.register(name, { role }, { token: admin });
  const { body } = await journey.signIn(name);
  const token = String(body.access_token);
  const { id, username, email } = body.user as Pick<Somebody, 'id' | 'username' | 'email'>;
  await journey.post(`/users/${id}/erasure`, { current_password: PASSWORD }, { token });
  expect((await send('PUT', `/users/${id}/picture`, { token, body: PICTURE })).status).toBe(200);
  return { id, username, email, role, token, sessionId: sessionOf(token) };
};

beforeAll(async () => {
  const sealing = { every: 0, most: 1 };
  rollbook = await startRollbook({ RATE_LIMIT_PER_HOUR: '0', RATE_LIMIT_ANONYMOUS_PER_HOUR: '0' }, { sealing });
  const journey = journeyOn(rollbook);
  const admin = await journey.admin();
  for (const role of ROLES) {
    callers.set(role, await somebody(journey, admin, `caller-${role}`, role));
    others.set(role, await somebody(journey, admin, `other-${role}`, role));
  }
  const erased = await somebody(journey, admin, 'erased', 'user');
  const answer = await call(rollbook.url, 'DELETE', `/users/${erased.id}?soft_delete=false`, { token: admin });
  consistency = answer.headers.get('consistency-token') ?? '';
  others.set('erased', erased);
  others.set('missing', { ...erased, id: randomUUID() });
  await until('there is a checkpoint', async () => (await eventsIn(rollbook, 'CheckpointSigned')).length > 0);
}, 60_000);
afterAll(() => rollbook.stop());

const whomever = (caller: Caller, target: Target): Somebody => {
  const found = target === 'self' ? (callers.get(caller) ?? others.get('user')) : others.get(target);
  if (!found) throw new Error(`There is no ${target}`);
  return found;
};

/** What a request that is turned down must leave in the log, by the request's id. */
const refusals = new Map<string, { readonly actor: string; readonly data: object }>();

/** Whether the role may do this to nobody at all: then asking for it is an attempt, whoever was meant. */
const lacks = ({ rule }: Case, caller: Caller): boolean => ROLES.every((role) => rule(caller, role) !== 'in');

const expectRefusal = (each: Case, caller: Caller, target: Target, requestId: string): void => {
  const actor = callers.get(caller);
  const verdict = each.rule(caller, target);
  if (!actor || OPERATIONS[each.operation].method === 'GET' || verdict === 'in' || verdict === 401) return;
  // A replacement always names a role: about nobody, that is no attempt to give one.
  const meant = each.operation === 'replaceUser' ? CASES.find(({ operation }) => operation === 'replaceUser') : each;
  if (verdict === 404 && meant && !lacks(meant, caller)) return;
  const person = whomever(caller, target);
  const body = each.body?.(person) as { readonly role?: Role } | undefined;
  const declared = ['soft_delete=false', 'role'];
  const parts = declared.filter((part) => part === each.part || (part === 'role' && each.operation === 'replaceUser'));
  const data = {
    operation: each.operation,
    parts,
    target: each.aboutPeople ? person.id : null,
    role: body?.role ?? null,
    reason: verdict === 403 ? 'forbidden' : 'hidden',
  };
  refusals.set(requestId, { actor: actor.id, data });
};

const ask = (each: Case, caller: Caller, target: Target): Promise<ClientAnswer> => {
  const { method, path } = OPERATIONS[each.operation];
  const requestId = `walk-${randomUUID()}`;
  expectRefusal(each, caller, target, requestId);
  const person = whomever(caller, target);
  const token = callers.get(caller)?.token;
  const query = typeof each.query === 'function' ? each.query() : (each.query ?? '');
  const url = path.replace('{id}', person.id).replace('{session_id}', person.sessionId) + query;
  const isRead = method === 'GET';
  // What needs no token is stopped by nothing but itself.
  const headers: Record<string, string> = {
    'X-Request-Id': requestId,
    ...(isRead && { 'Consistency-Token': consistency }),
    ...(each.in === 412 && { 'If-Match': UNMET }),
  };
  return send(method, url, { headers, ...(token && { token }), body: each.picture ? PICTURE : each.body?.(person) });
};

/** All that an answer tells, but for its request's own id and time. */
const whatItTells = ({ status, headers, body }: ClientAnswer): string => {
  const { request_id: _id, timestamp: _at, ...said } = (body as { error?: Record<string, unknown> }).error ?? {};
  return JSON.stringify([status, said, [...headers.keys()]]);
};

const targetsOf = ({ aboutPeople }: Case, caller: Caller): readonly Target[] => {
  if (!aboutPeople) return ['self'];
  return [...(caller === 'nobody' ? [] : (['self'] as const)), ...ROLES, 'erased', 'missing'];
};

/** Sends the request as one caller about everybody, one after the other: what is refused stands in one stream. */
const walkAs = async (each: Case, caller: Caller): Promise<readonly string[]> => {
  const wrong: string[] = [];
  const hidden = new Set<string>();
  for (const target of targetsOf(each, caller)) {
    const answer = await ask(each, caller, target);
    const verdict = each.rule(caller, target);
    const served = typeof each.in === 'number' ? each.in : each.in(target);
    const expected = verdict === 'in' ? served : verdict;
    if (answer.status !== expected)
      wrong.push(`${caller} → ${standing(caller, target)}: ${String(answer.status)} for ${String(expected)}`);
    if (verdict === 404) hidden.add(whatItTells(answer));
  }
  if (hidden.size > 1) wrong.push(`${caller} can tell who is hidden from who is not there: ${[...hidden].join()}`);
  return wrong;
};

/** Sends the request as everybody about everybody, and says what was answered otherwise than by the case's rule. */
const walk = async (each: Case): Promise<readonly string[]> =>
  (await Promise.all(CALLERS.map((caller) => walkAs(each, caller)))).flat();

describe('A request is answered to those who may, and to nobody else', () => {
  test.each(CASES.map((each) => [titleOf(each), each] as const))('%s', async (_title, each) => {
    expect(await walk(each)).toStrictEqual([]);
  });
});

test('Whoever is let in, or kept out, against the rule is found', async () => {
  const listUsers = CASES.find(({ operation }) => operation === 'listUsers');
  const getUser = CASES.find(({ operation }) => operation === 'getUser');
  if (!listUsers || !getUser) throw new Error('There are no such cases');
  expect(await walk({ ...listUsers, rule: only('auditor', 'admin') })).toStrictEqual([
    'moderator → self: 200 for 403',
    'manager → self: 200 for 403',
  ]);
  const blind: Rule = (caller, target) => (target === 'admin' ? 404 : getUser.rule(caller, target));
  expect(await walk({ ...getUser, rule: blind })).toContain('manager → higher: admin: 200 for 404');
});

test('Every command that was refused to somebody for their role stands in the log, and no other', async () => {
  const events = await eventsIn(rollbook, 'AdministrationRefused');
  const found = events.map(({ stream, data, metadata }) => [metadata.requestId, stream, metadata.actor, data] as const);
  const expected = [...refusals].map(([requestId, { actor, data }]) => {
    return [requestId, `signin-${actor}`, { kind: 'person', id: actor }, data] as const;
  });
  const byRequest = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) => (a < b ? -1 : 1);
  expect(found.length).toBeGreaterThan(100);
  expect(found.toSorted(byRequest)).toStrictEqual(expected.toSorted(byRequest));
});

test('The walk has left everybody as they were', async () => {
  for (const one of [...callers.values(), ...others.values()]) {
    const events = await rollbook.store.read(`user-${one.id}`);
    const types = events.map(({ type }) => type);
    const changed = types.filter((type) => /Changed|Deactivated|SignedOut|Cancelled|Invitation|Removed/.test(type));
    expect([one.role, changed.length]).toStrictEqual([one.role, one.role === 'admin' ? 1 : 0]);
    expect((await rollbook.store.read(`session-${one.sessionId}`)).map(({ type }) => type)).toStrictEqual([
      'SessionStarted',
    ]);
  }
});
