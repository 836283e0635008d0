import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type RequestListener } from 'node:http';
import { startGatewayRig, type GatewayRig } from '../../support/gateway-rig.ts';
import { codeOf, detailsOf, probe } from '../../support/http-probe.ts';
import type { Service } from '../../support/recording-service.ts';

let rig: GatewayRig;
let command: Service;
let query: Service;
let url: string;
const last = (service: Service): Service['seen'][number] => service.seen.at(-1)!;

beforeAll(async () => {
  rig = await startGatewayRig();
  ({ command, query, url } = rig);
});
beforeEach(() => {
  rig.reset();
});
afterAll(() => rig.stop());

describe('The way of a request', () => {
  test.each([
    ['GET', 'query'],
    ['HEAD', 'query'],
    ['POST', 'command'],
    ['PUT', 'command'],
    ['PATCH', 'command'],
    ['DELETE', 'command'],
    ['OPTIONS', 'command'],
    ['PROPFIND', 'command'],
  ])('is chosen by its method alone: %s goes to %s', async (method, service) => {
    const seen = await probe(url, { method, path: '/v1/whatever?x=1' });
    expect([seen.status, seen.headers['x-service']]).toEqual([200, service]);
  });

  test('leaves the path and the query as they came', async () => {
    const path = "/v1/users/%41b%20c?q=a+b%2F..//'<>&q=2";
    await probe(url, { path });
    expect(last(query).request.url).toBe(path);
  });

  test.each([
    '/v1//users',
    '/v1/users/',
    '/v1%2Fusers',
    '/v1/x/../users',
    '/v1/%2e%2e/users',
    '/dev/inbox',
    '/dev/inbox.json',
  ])('ends here for a path that nobody serves: %s', async (path) => {
    const before = query.seen.length;
    const seen = await probe(url, { path });
    expect([seen.status, codeOf(seen)]).toEqual([404, 'NOT_FOUND']);
    expect(seen.headers['x-request-id']).toMatch(/^req_/);
    expect(query.seen.length).toBe(before);
  });

  test('hands the inbox to the process that has one, as it came', async () => {
    const devInbox: RequestListener = (request, response) => void response.end(request.headers['x-forwarded-for']);
    const small = await rig.startGateway({ devInbox });
    const headers = { 'X-Forwarded-For': '203.0.113.9' };
    expect((await probe(small, { path: '/dev/inbox.json', headers })).text).toBe('203.0.113.9');
    expect((await probe(small, { path: '/dev/inboxes', headers })).text).toBe('query');
  });
});

describe('What a service is told', () => {
  test('is one client address, and nothing that a stranger claims', async () => {
    await probe(url, {
      path: '/v1/users',
      headers: {
        'X-Forwarded-For': '1.1.1.1',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'https',
        'X-Real-IP': '2.2.2.2',
        Forwarded: 'for=3.3.3.3;host=evil.example',
        Host: 'evil.example',
      },
    });
    const { headers } = last(query).request;
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(Object.keys(headers).filter((name) => /forwarded|real-ip/.test(name))).toEqual(['x-forwarded-for']);
    expect(headers.host).toBe(query.url.host);
  });

  test('is the address that a trusted proxy names', async () => {
    const trusting = await rig.startGateway({ trustProxy: ['127.0.0.0/8'] });
    await probe(trusting, { path: '/v1/users', headers: { 'X-Forwarded-For': '1.1.1.1, 203.0.113.9' } });
    expect(last(query).request.headers['x-forwarded-for']).toBe('203.0.113.9');
  });

  test('is the caller’s request id when it is well-formed, else ours', async () => {
    await probe(url, { path: '/v1/users', headers: { 'X-Request-Id': 'mine' } });
    expect(last(query).request.headers['x-request-id']).toBe('mine');
    await probe(url, { path: '/v1/users', headers: { 'X-Request-Id': 'a b' } });
    expect(last(query).request.headers['x-request-id']).toMatch(/^req_/);
  });

  test('leaves out the headers of the connection', async () => {
    const headers = { Connection: 'close, X-Mine', 'X-Mine': '1', TE: 'trailers', Upgrade: 'h2c', 'X-Yours': '2' };
    await probe(url, { path: '/v1/users', headers });
    const seen = last(query).request.headers;
    expect([seen['x-mine'], seen['te'], seen.upgrade, seen['x-yours']]).toEqual([undefined, undefined, undefined, '2']);
  });
});

describe('A service that is away', () => {
  const nowhere = new URL('http://127.0.0.1:1');

  test('is 503 with the envelope, Retry-After and the request id', async () => {
    const alone = await rig.startGateway({ commandApi: nowhere, queryApi: nowhere });
    for (const method of ['GET', 'POST']) {
      const seen = await probe(alone, { method, path: '/v1/users', headers: { 'X-Request-Id': 'r-1' }, body: 'x' });
      expect([seen.status, codeOf(seen), seen.headers['x-request-id']]).toEqual([503, 'SERVICE_UNAVAILABLE', 'r-1']);
      expect(seen.headers['retry-after']).toBe('2');
      expect(seen.headers['cache-control']).toBe('no-store');
      expect(seen.text).toContain('cannot be reached');
    }
  });

  test('in the middle of a command leaves its outcome unknown, and the gateway says so', async () => {
    command.answer = (request) => void request.socket.destroy();
    const seen = await probe(url, { method: 'POST', path: '/v1/users', body: 'x' });
    expect([seen.status, codeOf(seen)]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(seen.text).toContain('not known whether');
  });

  test('for the moment of a restart is asked again, for reads only', async () => {
    await probe(url, { path: '/v1/warm' });
    let broken = 0;
    query.answer = (request, response) => {
      broken += 1;
      if (broken === 1) request.socket.destroy();
      else response.end('again');
    };
    const seen = await probe(url, { path: '/v1/users' });
    expect([seen.status, seen.text, broken]).toEqual([200, 'again', 2]);
  });
});

describe('Health', () => {
  test('is the gateway’s own, and names the services that are not ready', async () => {
    const health = { command_api: () => Promise.resolve(), mailer: () => Promise.reject(new Error('down')) };
    const half = await rig.startGateway({ health });
    expect((await probe(half, { path: '/health/live' })).json).toEqual({ status: 'live' });
    const ready = await probe(half, { path: '/health/ready' });
    expect([ready.status, detailsOf(ready)]).toEqual([503, ['mailer: down']]);
    expect((await probe(url, { path: '/health/ready' })).status).toBe(200);
    expect((await probe(url, { method: 'HEAD', path: '/health/ready' })).text).toBe('');
  });

  test('keeps the rules of paths and methods', async () => {
    const options = await probe(url, { method: 'OPTIONS', path: '/health/live' });
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
    const post = await probe(url, { method: 'POST', path: '/health/live' });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await probe(url, { path: '/health/other' })).status).toBe(404);
  });
});
