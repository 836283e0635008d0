import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../../command-api/src/main.ts';
import type { Running } from '@rollbook/shared/process/running';
import { call, type ClientAnswer } from '../support/client.ts';
import { probe, type Seen } from '../support/http-probe.ts';
import { journeyOn, PASSWORD, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

const OWN = 'http://localhost:8000';
const LISTED = 'https://app.example.org';
const FOREIGN = 'https://evil.example.net';
let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
/** A copy behind https. */
let secure: Running;
beforeAll(async () => {
  rollbook = await startRollbook({ CORS_ORIGINS: `${LISTED}, https://other.example.org:8443` });
  journey = journeyOn(rollbook);
  secure = await start({ ...rollbook.env, PORT: '0', PUBLIC_URL: 'https://id.example.org/people' });
});
afterAll(async () => {
  await secure.stop();
  await rollbook.stop();
});

const ENDED = [401, 'UNAUTHORIZED', 'refresh_token', 'session_ended'];
const FORBIDDEN = [403, 'FORBIDDEN', 'Origin', 'foreign_origin'];
const send = (
  path: string,
  body: unknown,
  headers: Record<string, string>,
  url = rollbook.url,
): Promise<ClientAnswer> => call(url, 'POST', path, { headers, ...(body === undefined ? {} : { body }) });
const signIn = (username: string, headers: Record<string, string> = {}, url = rollbook.url): Promise<ClientAnswer> =>
  send('/auth/login', { username, password: PASSWORD, refresh_transport: 'cookie' }, headers, url);
/** The cookie that an answer sets, as a browser sends it back; '' where it is forgotten, null where there is none. */
const jarOf = ({ headers }: ClientAnswer): string | null => {
  const [set, ...more] = headers.getSetCookie();
  expect(more).toStrictEqual([]);
  if (set === undefined) return null;
  return set.includes('Max-Age=0;') ? '' : (set.split(';')[0] ?? '');
};
const refresh = (cookie: string | null, origin = OWN, more: Record<string, string> = {}): Promise<ClientAnswer> =>
  send('/auth/refresh', undefined, { cookie: cookie ?? '', origin, ...more });
const cookieFor = async (name: string): Promise<string> => {
  await journey.member(name);
  return jarOf(await signIn(name)) ?? '';
};

describe('The refresh token in a cookie', () => {
  test('is out of reach of scripts and other sites, and stands nowhere else', async () => {
    await journey.member('carla');
    const answer = await signIn('carla');
    expect([answer.status, answer.body.refresh_token, answer.body.refresh_expires_in]).toStrictEqual([
      200,
      null,
      14 * 86_400,
    ]);
    expect(answer.headers.getSetCookie()).toStrictEqual([
      expect.stringMatching(/^rollbook_refresh=[\w.-]+; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict$/),
    ]);
    expect((await journey.me(answer.body.access_token)).status).toBe(200);
    const asked = await journey.post('/auth/login', {
      username: 'carla',
      password: PASSWORD,
      refresh_transport: 'body',
    });
    expect([typeof asked.body.refresh_token, asked.headers.getSetCookie()]).toStrictEqual(['string', []]);
  });

  test('goes only over https where there is https, under a name that no other site can set', async () => {
    await journey.member('safe');
    const url = secure.addresses['http'] ?? '';
    const answer = await signIn('safe', {}, url);
    expect(answer.headers.getSetCookie()).toStrictEqual([
      expect.stringMatching(
        /^__Host-rollbook_refresh=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
    const cookie = jarOf(answer) ?? '';
    const at = (origin: string, jar = cookie) => send('/auth/refresh', undefined, { cookie: jar, origin }, url);
    expect(refusal(await at('http://id.example.org'))).toStrictEqual(FORBIDDEN);
    expect(refusal(await at(OWN))).toStrictEqual(FORBIDDEN);
    expect(refusal(await at('https://id.example.org', cookie.replace('__Host-', '')))).toContain('required');
    expect((await at('https://id.example.org')).status).toBe(200);
  });

  test.each([
    ['our own', OWN],
    ['our own by another name of loopback', 'http://127.0.0.1:8000'],
    ['a listed one', LISTED],
  ])('is traded for the next by a page of %s', async (_whose, origin) => {
    const cookie = await cookieFor(`trade${String(origin.length)}`);
    const first = await refresh(cookie, origin);
    expect([first.status, first.body.refresh_token]).toStrictEqual([200, null]);
    const next = jarOf(first);
    expect(next).not.toBe(cookie);
    expect((await journey.me(first.body.access_token)).status).toBe(200);
    expect((await refresh(next, origin)).status).toBe(200);
  });

  test.each([
    ['another site', FOREIGN],
    ['another port', 'http://localhost:8001'],
    ['a rebound name', 'http://evil.example.net:8000'],
    ['no site', 'null'],
    ['nobody', ''],
  ])('is not looked at for a page of %s', async (_whose, origin) => {
    const cookie = await cookieFor(`page${String(origin.length)}`);
    const host = origin === '' ? {} : { host: origin.replace(/^.*\/\//, '') };
    const ask = (path: string): Promise<Seen> =>
      probe(rollbook.url, {
        method: 'POST',
        path: `/v1${path}`,
        headers: { cookie, ...host, ...(origin === '' ? {} : { origin }) },
      });
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const { status, json, headers } = await ask(path);
      expect(refusal({ status, body: json, headers: new Headers() })).toStrictEqual(FORBIDDEN);
      expect(headers['set-cookie']).toBeUndefined();
    }
    expect((await refresh(cookie)).status).toBe(200);
  });

  test('used twice within the grace is 409 and stays; with the first key it is the first answer again', async () => {
    const cookie = await cookieFor('lost');
    const key = { 'idempotency-key': 'refresh' };
    const first = await refresh(cookie, OWN, key);
    const again = await refresh(cookie, OWN, key);
    expect([again.status, again.body, jarOf(again)]).toStrictEqual([200, first.body, jarOf(first)]);
    const other = await refresh(cookie);
    expect([refusal(other), jarOf(other)]).toStrictEqual([[409, 'CONFLICT'], null]);
    // The same key with the next token is the next command.
    expect((await refresh(jarOf(first), OWN, key)).status).toBe(200);
  });

  test('that is worth nothing any more is forgotten', async () => {
    const cookie = await cookieFor('stale');
    const [second] = [await refresh(cookie)];
    await refresh(jarOf(second));
    const replayed = await refresh(cookie);
    expect([refusal(replayed), jarOf(replayed)]).toStrictEqual([ENDED, '']);
    const nonsense = await refresh('rollbook_refresh=x.y.z');
    expect([nonsense.status, jarOf(nonsense)]).toStrictEqual([401, '']);
    const twice = await refresh(`${cookie}; ${cookie}`);
    expect([twice.status, jarOf(twice)]).toStrictEqual([401, '']);
  });

  test('beside another in the body is refused, and neither is spent', async () => {
    const cookie = await cookieFor('both');
    const { body } = await journey.signIn('both');
    const both = { refresh_token: body.refresh_token };
    for (const path of ['/auth/refresh', '/auth/logout'])
      expect(refusal(await send(path, both, { cookie, origin: OWN }))).toStrictEqual([
        400,
        'VALIDATION_ERROR',
        'refresh_token',
        'one_of',
      ]);
    expect((await refresh(cookie)).status).toBe(200);
    expect((await send('/auth/refresh', both, {})).status).toBe(200);
  });

  test('that is not there is a missing field', async () => {
    const missing = [400, 'VALIDATION_ERROR', 'refresh_token', 'required'];
    for (const body of [undefined, {}])
      expect(refusal(await send('/auth/refresh', body, { origin: OWN }))).toStrictEqual(missing);
    expect(refusal(await refresh('rollbook_refresh=; other=1'))).toStrictEqual(missing);
  });
});

describe('Signing out in a browser', () => {
  const logout = (cookie: string, more: Record<string, string> = {}) =>
    send('/auth/logout', undefined, { cookie, origin: OWN, ...more });

  test('ends the session of the cookie and forgets it', async () => {
    const cookie = await cookieFor('leaver');
    const answer = await logout(cookie);
    expect([answer.status, jarOf(answer)]).toStrictEqual([204, '']);
    expect(refusal(await refresh(cookie))).toStrictEqual(ENDED);
    expect((await logout(cookie)).status).toBe(204);
  });

  test('with the access token of another session too ends both', async () => {
    const cookie = await cookieFor('two');
    const { body } = await journey.signIn('two');
    const answer = await logout(cookie, { authorization: `Bearer ${String(body.access_token)}` });
    expect([answer.status, jarOf(answer)]).toStrictEqual([204, '']);
    expect(refusal(await refresh(cookie))).toStrictEqual(ENDED);
    expect((await journey.me(body.access_token)).status).toBe(401);
  });

  test('with an access token leaves a cookie alone that a foreign page sends', async () => {
    const cookie = await cookieFor('alone');
    const { body } = await journey.signIn('alone');
    const answer = await logout(cookie, { origin: FOREIGN, authorization: `Bearer ${String(body.access_token)}` });
    expect([answer.status, jarOf(answer)]).toStrictEqual([204, null]);
    expect((await refresh(cookie)).status).toBe(200);
  });
});

describe('A page of another origin', () => {
  const preflight = (origin: string, path: string, method: string): Promise<Seen> =>
    probe(rollbook.url, {
      method: 'OPTIONS',
      path,
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
    });
  const cors = ({ headers }: Seen) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  test.each([
    ['/v1/users/me', 'GET'],
    ['/v1/users', 'POST'],
    ['/api/v1/auth/refresh', 'POST'],
  ])('that is listed may ask for %s by %s, without a token', async (path, method) => {
    const seen = await preflight(LISTED, path, method);
    expect([seen.status, seen.text]).toStrictEqual([204, '']);
    expect(seen.headers['access-control-allow-origin']).toBe(LISTED);
    expect(seen.headers['access-control-allow-credentials']).toBe('true');
    expect(seen.headers['access-control-allow-methods']?.split(', ')).toContain(method);
    for (const name of [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'Consistency-Token',
    ])
      expect(seen.headers['access-control-allow-headers']?.split(', ')).toContain(name);
    expect(seen.headers['vary']).toBe('Origin');
  });

  test.each([FOREIGN, 'http://app.example.org', 'https://app.example.org.evil.net', 'null', '*'])(
    'that is not listed may ask for nothing: %s',
    async (origin) => {
      const seen = await preflight(origin, '/v1/users/me', 'GET');
      expect([seen.status, cors(seen), seen.headers['vary']]).toStrictEqual([204, [], 'Origin']);
      const asked = await probe(rollbook.url, { path: '/v1/users/me', headers: { origin } });
      expect([asked.status, cors(asked)]).toStrictEqual([401, []]);
    },
  );

  test.each([
    ['a query', 'GET', '/v1/users/me', 401],
    ['a command', 'POST', '/v1/auth/login', 400],
    ['what is not there', 'GET', '/v1/nowhere', 404],
    ['the gateway itself', 'GET', '/health/live', 200],
    ['the gateway’s own refusal', 'GET', '/v1//users', 404],
    ['the public keys', 'GET', '/.well-known/jwks.json', 200],
  ])('that is listed may read the answer of %s, with all its headers', async (_what, method, path, status) => {
    const seen = await probe(rollbook.url, { method, path, headers: { origin: LISTED } });
    expect([seen.status, seen.headers['access-control-allow-origin']]).toStrictEqual([status, LISTED]);
    expect(seen.headers['vary']).toBe('Origin');
    const exposed = seen.headers['access-control-expose-headers']?.split(', ');
    for (const name of [
      'Allow',
      'Consistency-Token',
      'Deprecation',
      'ETag',
      'Link',
      'Location',
      'Projection-Lag-Ms',
      'Projection-Position',
      'Retry-After',
      'Sunset',
      'WWW-Authenticate',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'X-Request-Id',
    ])
      expect(exposed).toContain(name);
  });

  test('that is our own needs no such word, and a program without an origin gets none', async () => {
    for (const headers of [{ origin: OWN }, {}] as Record<string, string>[])
      expect(cors(await probe(rollbook.url, { path: '/health/live', headers }))).toStrictEqual([]);
  });

  test('is admitted nowhere while none is listed', async () => {
    const url = secure.addresses['http'] ?? '';
    const none = await start({ ...rollbook.env, PORT: '0', CORS_ORIGINS: '' });
    const seen = await probe(none.addresses['http'] ?? '', { path: '/health/live', headers: { origin: LISTED } });
    const listed = await probe(url, { path: '/health/live', headers: { origin: LISTED } });
    await none.stop();
    expect([cors(seen), seen.headers['vary']]).toStrictEqual([[], undefined]);
    expect(listed.headers['access-control-allow-origin']).toBe(LISTED);
  });
});
