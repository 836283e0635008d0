import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { reject } from '@rollbook/shared/contracts/rejections';
import type { Endpoint } from '@rollbook/shared/http/endpoint';
import type { BearerCheck } from '@rollbook/shared/http/look-at-token';
import { HOUR, MINUTE, SECOND } from '@rollbook/shared/kernel/clock';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { RequestCounter } from '@rollbook/shared/request-limits/request-counter';
import type { Counted, RequestLimits } from '@rollbook/shared/request-limits/request-limits';
import { codeOf, json, probe, type Seen } from '../../support/http-probe.ts';
import { movedDate } from '../../support/moved-date.ts';
import { serveSample, type Sample } from '../../support/sample-app.ts';

const pass = movedDate();
const masterKeys = [{ id: 'm1', secret: Buffer.alloc(32, 7) }];

/** Tokens of the sample: `ann`, `key-5` (an API key of five requests), `key` (as everybody), anything else is forged. */
const checkBearer: BearerCheck = (bearer) => {
  if (bearer === 'ann') return { sender: { kind: 'person', id: 'ann' } };
  if (bearer === 'broken') throw new Error('the store is away');
  const key = /^key(?:-(\d+))?$/.exec(bearer);
  return key
    ? { sender: { kind: 'api-key', id: bearer, perHour: key[1] === undefined ? null : Number(key[1]) } }
    : { sender: null, refused: reject('token_invalid') };
};

/** The path of a request whose client goes away in between. */
const GIVEN_UP = '/v1/auth/logout';

let sample: Sample | undefined;
const serve = async ({
  perHour = 10,
  anonymousPerHour = 3,
  trustProxy,
  limits = memoryRequestLimits(),
  change = (endpoint) => endpoint,
}: {
  readonly perHour?: number;
  readonly anonymousPerHour?: number;
  readonly trustProxy?: number | readonly string[];
  readonly limits?: RequestLimits;
  readonly change?: (endpoint: Endpoint) => Endpoint;
} = {}): Promise<Sample> => {
  const requestCounter = new RequestCounter({ limits, masterKeys, perHour, anonymousPerHour });
  sample = await serveSample({ requestCounter, checkBearer, trustProxy, change });
  return sample;
};
afterEach(() => sample?.server.close());

const as = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const told = ({ headers }: Seen): readonly unknown[] => [
  headers['x-ratelimit-limit'],
  headers['x-ratelimit-remaining'],
];
/** Sends a head that announces a body, and nothing of the body. 'gone': goes away as soon as the server wants it. */
const begin = (path: string): Promise<number | 'gone'> =>
  new Promise((resolve, fail) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': 20, Expect: '100-continue' };
    const sent = httpRequest(`${sample?.url ?? ''}${path}`, { method: 'POST', headers, agent: false });
    sent.on('response', ({ statusCode = 0 }) => {
      resolve(statusCode);
      sent.destroy();
    });
    sent.on('continue', () => {
      if (path === GIVEN_UP) sent.destroy();
    });
    sent.on('error', (fault) => (path === GIVEN_UP ? resolve('gone') : fail(fault)));
    sent.on('close', () => resolve('gone'));
    sent.flushHeaders();
  });
const ask = (path: string, more: object = {}): Promise<Seen> => probe(sample?.url ?? '', { path, ...more });

describe('A request below /v1', () => {
  test.each([
    ['an answer', '/v1/users/me', 'ann', {}, 200],
    ['by the alias', '/api/v1/users/me', 'ann', {}, 200],
    ['to HEAD', '/v1/users/me', 'ann', { method: 'HEAD' }, 200],
    ['that nothing changed', '/v1/users/me', 'ann', { 'If-None-Match': '"4.2"' }, 304],
    ['an error', '/v1/users/7', 'ann', {}, 400],
    ['not there', '/v1/nowhere', 'ann', {}, 404],
    ['not this way', '/v1/users/me', 'ann', { method: 'PUT' }, 405],
    ['a fault', '/v1/users/me', 'broken', {}, 500],
    ['a forged token', '/v1/users/me', 'forged', {}, 401],
    ['no token', '/v1/users/me', null, {}, 401],
  ])('is told how it counts: %s', async (_what, path, token, { method, ...headers }: any, status) => {
    await serve();
    pass(0);
    const authorization = token === null ? {} : as(token).headers;
    const seen = await ask(path, { method, headers: { ...authorization, ...headers } });
    expect(seen.status).toBe(status);
    expect(told(seen)).toStrictEqual(token === 'ann' ? ['10', '9'] : ['3', '2']);
    expect(seen.headers['x-ratelimit-reset']).toBe(String(Math.ceil((Date.now() + HOUR) / SECOND)));
  });

  test.each([
    ['OPTIONS', '/v1/users/me', { method: 'OPTIONS' }],
    ['OPTIONS of what is not there', '/v1/nowhere', { method: 'OPTIONS' }],
    ['health', '/health/live', {}],
    ['keys', '/.well-known/jwks.json', {}],
    ['another path', '/v10/users', {}],
    ['the root', '/', {}],
  ])('is the only one that counts, not %s', async (_what, path, more) => {
    await serve();
    for (let n = 0; n < 4; n += 1) expect(told(await ask(path, more))).toStrictEqual([undefined, undefined]);
    expect(told(await ask('/v1/users/me'))).toStrictEqual(['3', '2']);
  });

  test('too many is 429 with the time to wait, before anything is read; an hour after the first it is let through', async () => {
    const { calls } = await serve();
    pass(0);
    const send = () => ask('/v1/users', { method: 'POST', ...json({ email: 'a@b' }) });
    for (let n = 0; n < 3; n += 1) expect((await send()).status).toBe(200);
    pass(10 * MINUTE);
    const refused = await send();
    expect([refused.status, codeOf(refused)]).toStrictEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect((refused.json as any).error.message).toBe('Rate limit exceeded. Try again in 3000 seconds.');
    expect([refused.headers['retry-after'], ...told(refused)]).toStrictEqual(['3000', '3', '0']);
    // It is answered while its body is still on the way: nobody looks.
    expect(await begin('/v1/users')).toBe(429);
    expect(calls).toHaveLength(3);
    pass(50 * MINUTE - 1);
    expect((await send()).headers['retry-after']).toBe('1');
    pass(1);
    expect(told(await send())).toStrictEqual(['3', '2']);
  });

  test('whose body never came counts to the address, where the body would have told to whom', async () => {
    const counted = Promise.withResolvers<unknown>();
    const memory = memoryRequestLimits();
    const count: RequestLimits['count'] = (sender) => {
      counted.resolve(sender.isAddress);
      return memory.count(sender);
    };
    await serve({ limits: { ...memory, count }, change: (endpoint) => ({ ...endpoint, countsTo: () => null }) });
    expect(await begin(GIVEN_UP)).toBe('gone');
    expect(await counted.promise).toBe(true);
    expect(told(await ask('/v1/nowhere'))).toStrictEqual(['3', '1']);
  });

  test('of a limit of 0 is told nothing, and never refused', async () => {
    await serve({ perHour: 0, anonymousPerHour: 0 });
    for (let n = 0; n < 30; n += 1) {
      const seen = [await ask('/v1/users/me', as('ann')), await ask('/v1/nowhere')];
      expect(seen.map(({ status }) => status)).toStrictEqual([200, 404]);
      expect(seen.flatMap(({ headers }) => Object.keys(headers)).filter((name) => name.includes('ratelimit'))).toEqual(
        [],
      );
    }
  });

  test('of an API key counts by the limit of the key, also where there is no other', async () => {
    await serve({ perHour: 0 });
    expect(told(await ask('/v1/users/me', as('key-5')))).toStrictEqual(['5', '4']);
    expect(told(await ask('/v1/users/me', as('key')))).toStrictEqual([undefined, undefined]);
  });

  test('of a person leaves the address alone, and the other way round', async () => {
    await serve();
    for (let n = 0; n < 4; n += 1) await ask('/v1/users/me');
    expect((await ask('/v1/users/me')).status).toBe(429);
    expect(told(await ask('/v1/users/me', as('ann')))).toStrictEqual(['10', '9']);
    expect((await ask('/v1/users/me', as('forged'))).status).toBe(429);
  });
});

describe('An address', () => {
  const from = (forwarded: string | readonly string[]) => ({ headers: { 'X-Forwarded-For': forwarded } });
  const left = async (forwarded: string | readonly string[]): Promise<unknown> =>
    (await ask('/v1/users/me', from(forwarded))).headers['x-ratelimit-remaining'];

  test('cannot be made up by who is no proxy, in any header', async () => {
    await serve();
    const invented = ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP', 'CF-Connecting-IP'];
    const seen = [];
    for (const [n, name] of invented.entries())
      seen.push((await ask('/v1/users/me', { headers: { [name]: `203.0.113.${String(n)}` } })).status);
    expect(seen).toStrictEqual([401, 401, 401, 429, 429, 429]);
  });

  test('is what the trusted proxy saw, whatever the client wrote before it, in one header or several', async () => {
    await serve({ trustProxy: 1 });
    expect(await left('203.0.113.9')).toBe('2');
    expect(await left('1.1.1.1, 203.0.113.9')).toBe('1');
    expect(await left(['2.2.2.2', '203.0.113.9'])).toBe('0');
    expect((await ask('/v1/users/me', from('3.3.3.3,203.0.113.9'))).status).toBe(429);
    expect(await left('203.0.113.10')).toBe('2');
  });

  test('of IPv6 is its /64 in every spelling, and an IPv4 one that came mapped is that IPv4 address', async () => {
    await serve({ trustProxy: 1, anonymousPerHour: 10 });
    const network = ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::', '2001:0db8:0001:0002:0:0:0:9', '2001:db8:1:2::1%eth0'];
    const seen = [];
    for (const address of network) seen.push(await left(address));
    expect(seen).toStrictEqual(['9', '8', '7', '6']);
    expect(await left('2001:db8:1:3::1')).toBe('9');
    const same = ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:0207', '0:0:0:0:0:ffff:c000:207'];
    const mapped = [];
    for (const address of same) mapped.push(await left(address));
    expect(mapped).toStrictEqual(['9', '8', '7', '6']);
  });

  test('that is none counts as the proxy that sent it', async () => {
    await serve({ trustProxy: 1 });
    expect(await left('unknown')).toBe('2');
    expect(await left('nonsense, more nonsense')).toBe('1');
    expect(await left('')).toBe('0');
  });

  test('and a person are known to the counts by digests alone', async () => {
    const names: Counted[] = [];
    const memory = memoryRequestLimits();
    const limits: RequestLimits = {
      ...memory,
      count: (counted) => {
        names.push(counted);
        return memory.count(counted);
      },
    };
    await serve({ limits });
    await ask('/v1/users/me');
    await ask('/v1/users/me', as('ann'));
    expect(names).toStrictEqual([
      { name: expect.stringMatching(/^[0-9a-f]{64}$/), perHour: 3, isAddress: true },
      { name: expect.stringMatching(/^[0-9a-f]{64}$/), perHour: 10, isAddress: false },
    ]);
    const plain = new RequestCounter({
      limits,
      masterKeys: [{ id: 'm2', secret: Buffer.alloc(32, 8) }],
      perHour: 1,
      anonymousPerHour: 1,
    });
    await plain.count({ kind: 'person', id: 'ann' }, null);
    expect(names[2]?.name).not.toBe(names[1]?.name);
  });
});
