import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { codeOf, detailsOf, json, probe, type Seen } from '../../support/http-probe.ts';
import { serveSample, type Sample } from '../../support/sample-app.ts';

let sample: Sample;
beforeAll(async () => {
  sample = await serveSample();
});
afterAll(() => sample.server.close());

const post = (
  body: string | Buffer,
  type: string | null = 'application/json',
  more: Record<string, string> = {},
): Promise<Seen> =>
  probe(sample.url, {
    method: 'POST',
    path: '/v1/users',
    headers: { ...(type === null ? {} : { 'Content-Type': type }), ...more },
    body,
  });
const VALID = '{"email":"a@b.c"}';

describe('The content type', () => {
  test.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/merge-patch+json',
  ])('is taken: %s', async (type) => {
    expect((await post(VALID, type)).status).toBe(200);
  });

  test.each([
    'text/plain',
    'application/json; charset=latin1',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    '',
  ])('is refused: «%s»', async (type) => {
    const seen = await post(VALID, type);
    expect([seen.status, codeOf(seen)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test('is asked for', async () => {
    expect((await post(VALID, null)).status).toBe(415);
  });

  test('a content coding is refused: a small body may hide a huge one', async () => {
    expect((await post(VALID, 'application/json', { 'Content-Encoding': 'gzip' })).status).toBe(415);
  });
});

describe('A body', () => {
  test.each(['{', '', 'nul', '{"email":"a"}x', "{'email':1}"])('that is no JSON is 400: «%s»', async (body) => {
    const seen = await post(body);
    expect([seen.status, codeOf(seen)]).toEqual([400, 'VALIDATION_ERROR']);
  });

  test('that is not UTF-8 is 400', async () => {
    expect(detailsOf(await post(Buffer.from([0x22, 0xff, 0x22])))).toEqual(['body: malformed_json']);
  });

  test('that is absent is 400 where one is required, and fine where not', async () => {
    const missing = await probe(sample.url, { method: 'POST', path: '/v1/users' });
    expect([missing.status, detailsOf(missing)]).toEqual([400, ['body: required']]);
    expect((await probe(sample.url, { method: 'POST', path: '/v1/auth/logout' })).status).toBe(204);
  });

  describe('where none is declared', () => {
    const send = (body: string, type = 'application/json') =>
      probe(sample.url, { method: 'POST', path: '/v1/auth/logout-all', headers: { 'Content-Type': type }, body });

    test('names each of its fields as unknown', async () => {
      const calls = sample.calls.length;
      const seen = await send('{"user_id":"x","all":true}');
      expect([seen.status, detailsOf(seen)]).toEqual([400, ['user_id: unknown_field', 'all: unknown_field']]);
      expect(sample.calls).toHaveLength(calls);
    });

    test('is taken when it is an empty object, and is the same command as none', async () => {
      expect((await send('{}')).status).toBe(204);
      expect(sample.calls.at(-1)?.context.rawBody).toBeNull();
      expect((await probe(sample.url, { method: 'POST', path: '/v1/auth/logout-all' })).status).toBe(204);
    });

    test('is of the one content type, too', async () => {
      expect((await send('a=1', 'application/x-www-form-urlencoded')).status).toBe(415);
    });
  });

  test.each(['[]', '"x"', 'null', '7'])('that is no object is 400: %s', async (body) => {
    expect(detailsOf(await post(body))).toEqual(['body: invalid_type']);
  });

  test.each([
    ['an unknown field', { email: 'a', admin: true }, ['admin: unknown_field']],
    ['an unknown field inside', { email: 'a', preferences: { theme: 'x', z: 1 } }, ['preferences.z: unknown_field']],
    ['several faults at once', { name: 7, x: 1 }, ['email: required', 'name: invalid_type', 'x: unknown_field']],
    [
      'a fault in a list',
      { email: 'a', preferences: { theme: 'x', tags: [1, 'y'] } },
      ['preferences.tags.1: invalid_type'],
    ],
    ['too long a text', { email: 'x'.repeat(21) }, ['email: too_big']],
    ['a rule of our own', { email: 'a', role: 'king' }, ['role: unknown_role']],
    ['NUL', { email: 'a\u0000' }, ['email: unstorable']],
    ['a lone surrogate', { email: 'a', preferences: { theme: '\ud800' } }, ['preferences.theme: unstorable']],
    ['userId', { email: 'a', userId: 'x' }, ['userId: unknown_field']],
  ])('with %s is 400, naming the field', async (_what, value, details) => {
    const seen = await post(JSON.stringify(value));
    expect([seen.status, detailsOf(seen)]).toEqual([400, details]);
  });

  test.each([
    ['{"email":"a","email":"b"}', 'email: duplicate_field'],
    ['{"email":"a","e\\u006dail":"b"}', 'email: duplicate_field'],
    ['{"email":"a","preferences":{"theme":"x","theme":"y"}}', 'preferences.theme: duplicate_field'],
    ['{"email":"a","__proto__":{"role":"admin"}}', '__proto__: unknown_field'],
    ['{"email":"a","preferences":{"tags":[1,{"__proto__":1}]}}', 'preferences.tags.1.__proto__: unknown_field'],
    ['{"email":9007199254740993}', 'email: unstorable'],
    ['{"email":1e999}', 'email: unstorable'],
  ])('that hides something is 400: %s', async (body, detail) => {
    const seen = await post(body);
    expect([seen.status, detailsOf(seen)]).toEqual([400, [detail]]);
  });

  test('nested beyond reason is 400, not a crash', async () => {
    const seen = await post(`{"email":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    expect(seen.status).toBe(400);
    expect(codeOf(seen)).toBe('VALIDATION_ERROR');
  });

  test('keeps names that only look alike', async () => {
    await post('{"email":"a,\\"email\\":","preferences":{"theme":"{\\"theme\\":[","tags":[1,2]},"name":"x"}');
    expect(sample.calls.at(-1)?.context.rawBody).toEqual({
      email: 'a,"email":',
      preferences: { theme: '{"theme":[', tags: [1, 2] },
      name: 'x',
    });
  });

  test.each([true, false])('over 2 MiB is 413, also without a length (announced: %s)', async (announced) => {
    const big = `{"email":"${'x'.repeat(3_000_000)}"}`;
    const more = announced ? {} : { 'Transfer-Encoding': 'chunked' };
    const sent = await probe(sample.url, {
      method: 'POST',
      path: '/v1/users',
      headers: {
        'Content-Type': 'application/json',
        ...more,
        ...(announced ? { 'Content-Length': String(big.length) } : {}),
      },
      body: big,
    });
    expect([sent.status, codeOf(sent)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  test('whose sender goes away leaves the service serving', async () => {
    const socket = connect(Number(new URL(sample.url).port), '127.0.0.1');
    socket.write(
      'POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"em',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await post(VALID)).status).toBe(200);
  });
});

describe('What is no HTTP', () => {
  test('gets the envelope, and the connection ends', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(sample.url).port), '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('end', () => {
        resolve(received);
      });
      socket.on('error', reject);
      socket.write('GARBAGE\r\n\r\n');
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as { error: { code: string; request_id: string } };
    expect(body.error.code).toBe('VALIDATION_ERROR');
    expect(body.error.request_id).toMatch(/^req_/);
  });
});

describe('Queries', () => {
  const get = (search: string): Promise<Seen> =>
    probe(sample.url, { path: `/v1/users${search}`, headers: { Authorization: 'Bearer abc' } });

  test.each([
    ['?bogus=1', ['bogus: unknown_field']],
    ['?page=1&page=2', ['page: repeated']],
    ['?bogus=1&bogus=2', ['bogus: repeated']],
    ['?page=x', ['page: invalid_format']],
    ['?page[]=1', ['page[]: unknown_field']],
    ['?__proto__=1', ['__proto__: unknown_field']],
    ['?page=%E0%A4', ['query: malformed']],
    ['?page=%00', ['query: malformed']],
  ])('that do not fit are 400, naming the parameter: %s', async (search, details) => {
    const seen = await get(search);
    expect([seen.status, detailsOf(seen)]).toEqual([400, details]);
  });

  test('a route without parameters knows none', async () => {
    const seen = await probe(sample.url, { path: '/v1/users/me?x=1', headers: { Authorization: 'Bearer abc' } });
    expect([seen.status, detailsOf(seen)]).toEqual([400, ['x: unknown_field']]);
  });
});

describe('Idempotency-Key', () => {
  test.each(['k', '!~'.repeat(127)])('is handed to the command: %s', async (key) => {
    await post(VALID, 'application/json', { 'Idempotency-Key': key });
    expect(sample.calls.at(-1)?.context.idempotencyKey).toBe(key);
  });

  test.each(['', 'a b', 'x'.repeat(256), 'ü'])('is 400 when it is malformed: «%s»', async (key) => {
    const seen = await post(VALID, 'application/json', { 'Idempotency-Key': key });
    expect([seen.status, detailsOf(seen)]).toEqual([400, ['Idempotency-Key: malformed']]);
  });
});

describe('Accept', () => {
  test('is ignored', async () => {
    const { headers, body } = json({ email: 'a@b.c' });
    const seen = await probe(sample.url, {
      method: 'POST',
      path: '/v1/users',
      headers: { ...headers, Accept: 'text/csv' },
      body,
    });
    expect(seen.headers['content-type']).toContain('application/json');
  });
});
