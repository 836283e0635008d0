import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { RequestCounter } from '@rollbook/shared/request-limits/request-counter';
import type { RequestLimits } from '@rollbook/shared/request-limits/request-limits';
import { call, type CallOptions, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { query, refusal } from '../support/journey.ts';
import { ADMIN, startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { followEventsOf } from '../support/sse-client.ts';

const LIMIT = 40;
const ANONYMOUS = 12;
const OVER = [429, 'RATE_LIMIT_EXCEEDED'];

let rollbook: TestRollbook;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook({
    RATE_LIMIT_PER_HOUR: String(LIMIT),
    RATE_LIMIT_ANONYMOUS_PER_HOUR: String(ANONYMOUS),
  });
  admin = String((await ask('POST', '/auth/login', { body: ADMIN, from: '198.51.100.1' })).body.access_token);
});
afterAll(() => rollbook.stop());

interface Asking extends CallOptions {
  /** The client's address: the tests speak for the gateway then, so that they can come from anywhere. */
  readonly from?: string;
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
const ask = (method: string, path: string, { from, headers, ...options }: Asking = {}): Promise<ClientAnswer> => {
  const service = rollbook.services[isRead(method) ? 'queryApi' : 'commandApi']?.addresses['http'] ?? '';
  const forwarded = from === undefined ? {} : { 'x-forwarded-for': from };
  return call(from === undefined ? rollbook.url : service, method, path, {
    ...options,
    headers: { ...headers, ...forwarded },
  });
};
const left = ({ headers }: ClientAnswer): number => Number(headers.get('x-ratelimit-remaining') ?? NaN);
const limitOf = ({ headers }: ClientAnswer): string | null => headers.get('x-ratelimit-limit');

/** Asks at each of the two APIs in turn until one refuses; gives how many were let through, and the refusal. */
const useUp = async (token: string): Promise<{ readonly passed: number; readonly refused: ClientAnswer }> => {
  for (let passed = 0; ; passed += 1) {
    const refused =
      passed % 2 === 0
        ? await ask('GET', '/roles', { token })
        : await ask('PATCH', '/users/me', { token, body: { nothing: 1 } });
    if (refused.status === 429) return { passed, refused };
  }
};
/** Somebody new, made by the administrator from nowhere in particular: it costs the administrator two requests. */
const newcomer = async (
  name: string,
): Promise<{ readonly id: string; readonly token: string; readonly refresh: string }> => {
  const password = 'Correct-Horse-7';
  const body = { email: `${name}@example.com`, username: name, password, role: 'user' };
  const made = await ask('POST', '/users', { token: admin, body });
  const { body: tokens } = await ask('POST', '/auth/login', {
    body: { username: name, password },
    from: '198.51.100.2',
  });
  return { id: String(made.body.id), token: String(tokens.access_token), refresh: String(tokens.refresh_token) };
};
const isLarge = process.env['ROLLBOOK_PROFILE'] === 'large';

describe('A person', () => {
  test('has one budget for the whole API, is refused when it is used up, and nobody else is', async () => {
    const ann = await newcomer('ann');
    const first = await ask('GET', '/roles', { token: ann.token });
    expect([first.status, limitOf(first), left(first)]).toStrictEqual([200, String(LIMIT), LIMIT - 1]);
    const reset = Number(first.headers.get('x-ratelimit-reset'));
    expect(Math.abs(reset - Date.now() / 1_000 - 3_600)).toBeLessThan(60);

    const { passed, refused } = await useUp(ann.token);
    // On the large profile the two APIs may let a few more through before they have told each other.
    const more = isLarge ? LIMIT : 0;
    expect(passed + 1).toBeGreaterThanOrEqual(LIMIT);
    expect(passed + 1).toBeLessThanOrEqual(LIMIT + more);
    expect(refusal(refused)).toStrictEqual(OVER);
    expect([limitOf(refused), left(refused)]).toStrictEqual([String(LIMIT), 0]);
    const wait = Number(refused.headers.get('retry-after'));
    expect(refused.body.error.message).toBe(`Rate limit exceeded. Try again in ${String(wait)} seconds.`);
    expect(wait).toBeGreaterThan(3_000);
    expect(wait).toBeLessThanOrEqual(3_600);

    await until('both APIs refuse', async () => {
      const seen = [
        await ask('GET', '/roles', { token: ann.token }),
        await ask('DELETE', '/users/me', { token: ann.token }),
      ];
      return seen.every(({ status }) => status === 429);
    });
    expect((await ask('GET', '/roles', { token: admin })).status).toBe(200);
    expect((await ask('GET', '/roles', { from: '198.51.100.3' })).status).toBe(401);
    // To refresh and to sign out are requests of the session's person, too.
    const body = { refresh_token: ann.refresh };
    expect(refusal(await ask('POST', '/auth/refresh', { body, from: '198.51.100.3' }))).toStrictEqual(OVER);
    expect(refusal(await ask('POST', '/auth/logout', { body, from: '198.51.100.3' }))).toStrictEqual(OVER);
  });

  test('pays for a refresh with a token of their own, nobody for a forged one or one of a session that is over', async () => {
    const ben = await newcomer('ben');
    const from = '198.51.100.4';
    const refresh = (token: string) => ask('POST', '/auth/refresh', { body: { refresh_token: token }, from });
    const renewed = await refresh(ben.refresh);
    expect([renewed.status, limitOf(renewed)]).toStrictEqual([200, String(LIMIT)]);

    const [head = '', claims = ''] = ben.refresh.split('.');
    const forged = await refresh(`${head}.${claims}.${Buffer.alloc(256).toString('base64url')}`);
    expect([forged.status, limitOf(forged), left(forged)]).toStrictEqual([401, String(ANONYMOUS), ANONYMOUS - 1]);
    const access = `${ben.token.split('.').slice(0, 2).join('.')}.${Buffer.alloc(256).toString('base64url')}`;
    expect(limitOf(await ask('GET', '/users/me', { token: access, from }))).toBe(String(ANONYMOUS));
    expect(limitOf(await ask('POST', '/auth/logout', { token: access, from }))).toBe(String(ANONYMOUS));
    expect(limitOf(await ask('POST', '/auth/refresh', { body: {}, from }))).toBe(String(ANONYMOUS));

    const token = String(renewed.body.access_token);
    const out = await ask('POST', '/auth/logout', { token, from });
    expect([out.status, limitOf(out)]).toStrictEqual([204, String(LIMIT)]);
    expect(limitOf(await ask('POST', '/auth/logout', { token, from }))).toBe(String(ANONYMOUS));
    const dead = await refresh(String(renewed.body.refresh_token));
    expect([dead.status, limitOf(dead)]).toStrictEqual([401, String(ANONYMOUS)]);
  });
});

describe('An API key', () => {
  const create = async (more: object): Promise<string> => {
    const body = { name: 'billing', scopes: ['users:read', 'events:read'], ...more };
    return String((await ask('POST', '/api-keys', { token: admin, body })).body.key);
  };

  test('is counted once for a stream, however long it lasts', async () => {
    const key = await create({});
    const stream = await followEventsOf(rollbook.url, key);
    expect([stream.status, stream.headers['x-ratelimit-remaining']]).toStrictEqual([200, String(LIMIT - 1)]);
    expect(left(await ask('GET', '/roles', { token: key }))).toBe(LIMIT - 2);
    stream.close();
    await stream.end;
    expect(left(await ask('GET', '/roles', { token: key }))).toBe(LIMIT - 3);
  });

  test('has the limit that it was given, else that of everybody', async () => {
    const [own, usual] = [await create({ rate_limit_per_hour: 3 }), await create({})];
    const seen = [];
    for (let n = 0; n < 4; n += 1) seen.push(await ask('GET', '/roles', { token: own }));
    expect(seen.map(({ status }) => status)).toStrictEqual([200, 200, 200, 429]);
    expect(seen.map(limitOf)).toStrictEqual(['3', '3', '3', '3']);
    expect(left(await ask('GET', '/roles', { token: usual }))).toBe(LIMIT - 1);
    // A key that is made up after this one counts to the address.
    const forged = `${own.slice(0, -1)}${own.endsWith('0') ? '1' : '0'}`;
    expect(limitOf(await ask('GET', '/roles', { token: forged, from: '198.51.100.5' }))).toBe(String(ANONYMOUS));
  });
});

describe('An address', () => {
  test('has a budget of its own for whoever is not signed in, one network of IPv6 as one', async () => {
    const from = (n: number) => `2001:db8:0:9::${n.toString(16)}`;
    for (let n = 0; n < ANONYMOUS; n += 1)
      expect((await ask('POST', '/auth/verify-email', { body: { token: 'x' }, from: from(n) })).status).toBe(400);
    expect(refusal(await ask('POST', '/auth/login', { body: ADMIN, from: from(99) }))).toStrictEqual(OVER);
    expect((await ask('GET', '/roles', { token: admin, from: from(99) })).status).toBe(200);
    expect((await ask('POST', '/auth/login', { body: {}, from: '2001:db8:0:a::1' })).status).toBe(400);
  });

  test('is not what the client says of itself: the gateway believes nobody', async () => {
    const seen = [];
    for (let n = 0; n < ANONYMOUS + 2; n += 1) {
      const claimed = `203.0.113.${String(n)}`;
      const headers = { 'x-forwarded-for': claimed, forwarded: `for=${claimed}`, 'x-real-ip': claimed };
      seen.push((await ask('POST', '/auth/verify-email', { body: { token: 'x' }, headers })).status);
    }
    expect(seen.slice(-2)).toStrictEqual([429, 429]);
    // Health is asked from everywhere.
    expect((await fetch(`${rollbook.url}/health/ready`)).status).toBe(200);
  });
});

describe('Whoever is erased', () => {
  /** Under which name a person is counted. */
  const nameOf = async (id: string): Promise<string> => {
    const [keyId = '', secret = ''] = (rollbook.env['MASTER_KEY'] ?? '').split(':');
    let name = '';
    const limits: RequestLimits = {
      count: (counted) => {
        ({ name } = counted);
        return memoryRequestLimits().count(counted);
      },
      forget: () => undefined,
    };
    const masterKeys = [{ id: keyId, secret: Buffer.from(secret, 'base64') }];
    await new RequestCounter({ limits, masterKeys, perHour: 1, anonymousPerHour: 1 }).count(
      { kind: 'person', id },
      null,
    );
    return name;
  };

  test('leaves no count behind, and an old token counts to the address', async () => {
    const cleo = await newcomer('cleo');
    const name = await nameOf(cleo.id);
    const rows = () => query(rollbook, 'select from working.request_counts where name = $1', [name]);
    await ask('GET', '/roles', { token: cleo.token });
    // In memory nobody sees it; that it is forgotten there, a test of its own says.
    if (isLarge) await until('there is a count', async () => (await rows()).length > 0);
    expect((await ask('DELETE', `/users/${cleo.id}?soft_delete=false`, { token: admin })).status).toBe(204);
    await until('the old token names nobody', async () => {
      const answer = await ask('GET', '/users/me', { token: cleo.token, from: '198.51.100.6' });
      return limitOf(answer) === String(ANONYMOUS);
    });
    await until('the count is gone', async () => (await rows()).length === 0);
    const everything = await query<{ row: string }>(rollbook, 'select t::text as row from working.request_counts t');
    expect(JSON.stringify(everything)).not.toMatch(new RegExp(`${cleo.id}|198\\.51|127\\.0`));
  });
});
