import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { probe, codeOf, detailsOf } from '../../support/http-probe.ts';
import { serveSample, type Sample } from '../../support/sample-app.ts';

const headers = { Authorization: 'Bearer abc' };
const ID = '550e8400-e29b-41d4-a716-446655440000';
let sample: Sample;
beforeAll(async () => {
  sample = await serveSample();
});
afterAll(() => sample.server.close());

describe('A path', () => {
  test.each(['/v1/users', '/api/v1/users'])('is served as written: %s', async (path) => {
    expect((await probe(sample.url, { path, headers })).status).toBe(200);
  });

  test.each([
    '/v1/Users',
    '/V1/users',
    '/API/v1/users',
    '/v1/users/',
    '//v1/users',
    '/v1//users',
    '/v1%2Fusers',
    '/v1%2fusers',
    '/v1/%75sers',
    '/v1/./users',
    '/v1/x/../users',
    '/v1/%2e%2e/v1/users',
    '/v1',
    '/v1/',
    '/',
    '/users',
    '/api/users',
    '/api/v1/api/v1/users',
    `/v1/users/${ID}/`,
    `/v1/users/${ID}/nothing`,
    '/v1/users/a%2Fb',
    '/v1/users/%E0%A4%A',
    '/health/live/',
    '/Health/live',
    '/v1/health/live',
    '/api/v1',
    '/v1/users\\me',
    '/v1/users#x',
  ])('in any other form is 404: %s', async (path) => {
    const seen = await probe(sample.url, { path, headers });
    expect([seen.status, codeOf(seen)]).toEqual([404, 'NOT_FOUND']);
  });

  test('with an id that is none is 400, naming it', async () => {
    const seen = await probe(sample.url, { path: '/v1/users/42', headers });
    expect([seen.status, detailsOf(seen)]).toEqual([400, ['id: invalid_format']]);
  });

  test('with a fixed last part wins over one with an id', async () => {
    await probe(sample.url, { path: '/v1/users/me', headers });
    expect(sample.calls.at(-1)?.operation).toBe('getMe');
  });

  test('reads the same to the handler under both base paths', async () => {
    await probe(sample.url, { path: '/api/v1/users?page=2', headers });
    expect(sample.calls.at(-1)?.context.url).toBe('/v1/users?page=2');
  });
});

describe('Methods', () => {
  test.each([
    ['/v1/users', 'GET, HEAD, OPTIONS, POST'],
    ['/api/v1/users/me', 'GET, HEAD, OPTIONS'],
    ['/v1/auth/verify-email', 'OPTIONS, POST'],
    ['/verify-email', 'GET, HEAD, OPTIONS'],
    ['/health/ready', 'GET, HEAD, OPTIONS'],
  ])('OPTIONS speaks for the whole API: %s', async (path, allow) => {
    const seen = await probe(sample.url, { method: 'OPTIONS', path });
    expect([seen.status, seen.text]).toEqual([204, '']);
    const methods = (seen.headers.allow ?? '').split(', ').sort().join(', ');
    // Other methods may join a path when its operations come.
    for (const method of allow.split(', ')) expect(methods.split(', ')).toContain(method);
  });

  test('every path of the table is known, whoever serves it', async () => {
    const paths = Object.values(OPERATIONS).map(({ path }) => `/v1${path.replaceAll(/\{\w+\}/g, ID)}`);
    const seen = await Promise.all(paths.map((path) => probe(sample.url, { method: 'OPTIONS', path })));
    expect(seen.map(({ status }) => status)).toEqual(paths.map(() => 204));
  });

  test.each([
    ['DELETE', '/v1/auth/login'],
    ['GET', '/v1/auth/login'],
    ['PROPFIND', '/v1/users/me'],
    ['POST', '/health/live'],
    ['POST', '/verify-email'],
  ])('another one is 405 with Allow: %s %s', async (method, path) => {
    const seen = await probe(sample.url, { method, path });
    expect([seen.status, codeOf(seen)]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(seen.headers.allow).toContain('OPTIONS');
  });

  test('on an unknown path is 404, OPTIONS too', async () => {
    expect((await probe(sample.url, { method: 'OPTIONS', path: '/v1/nowhere' })).status).toBe(404);
    expect((await probe(sample.url, { method: 'DELETE', path: '/v1/nowhere' })).status).toBe(404);
  });

  test('HEAD is GET without its body', async () => {
    const get = await probe(sample.url, { path: '/v1/users/me', headers });
    const head = await probe(sample.url, { method: 'HEAD', path: '/v1/users/me', headers });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.etag).toBe(get.headers.etag);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  });
});
