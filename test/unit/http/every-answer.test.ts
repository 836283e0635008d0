import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { REJECTIONS, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { OutcomeUnknown, StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { errorAnswer } from '@rollbook/shared/http/error-body';
import { codeOf, detailsOf, json, probe } from '../../support/http-probe.ts';
import { serveSample, type Sample } from '../../support/sample-app.ts';

const bearer = { Authorization: 'Bearer abc.def.ghi' };
let sample: Sample;
beforeAll(async () => {
  sample = await serveSample();
});
afterAll(() => sample.server.close());

describe('The error envelope', () => {
  test('carries code, message, details, time and request id, and nothing else', async () => {
    const seen = await probe(sample.url, { path: '/v1/nowhere', headers: { 'X-Request-Id': 'mine-1' } });
    expect(seen.status).toBe(404);
    expect(seen.json).toEqual({
      error: {
        code: 'NOT_FOUND',
        message: REJECTIONS.not_found.message,
        details: [],
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
        request_id: 'mine-1',
      },
    });
    expect(seen.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  test('has the status, the challenge, Retry-After and ETag that the reason asks for', () => {
    const at = { requestId: 'r', timestamp: 't' };
    const headersOf = (rejection: Rejection) => errorAnswer(rejection, at).headers;
    expect(headersOf(reject('token_missing'))).toEqual({ 'WWW-Authenticate': 'Bearer realm="rollbook"' });
    expect(headersOf(reject('token_expired'))).toEqual({
      'WWW-Authenticate': 'Bearer realm="rollbook", error="invalid_token"',
    });
    expect(headersOf(reject('invalid_credentials'))['WWW-Authenticate']).toBeDefined();
    expect(headersOf(reject('refresh_in_grace'))).toEqual({ 'Retry-After': '1' });
    expect(headersOf(reject('unavailable', { retryAfter: 7 }))).toEqual({ 'Retry-After': '7' });
    expect(headersOf(reject('precondition_failed', { etag: '"3"' }))).toEqual({ ETag: '"3"' });
    expect(errorAnswer(reject('precondition_failed'), at).status).toBe(412);
  });

  test('tells every 503 when to come again', () => {
    const codes = Object.keys(REJECTIONS) as (keyof typeof REJECTIONS)[];
    const unavailable = codes.filter((code) => REJECTIONS[code].error === 'SERVICE_UNAVAILABLE');
    expect(unavailable.length).toBeGreaterThan(2);
    for (const code of unavailable) {
      expect(errorAnswer(reject(code), { requestId: 'r', timestamp: 't' }).headers['Retry-After']).toMatch(
        /^[1-9]\d*$/,
      );
    }
  });
});

describe('The request id', () => {
  test.each(['abc', 'A.b_c-9', 'x'.repeat(64)])('is the caller’s when it is well-formed: %s', async (id) => {
    const seen = await probe(sample.url, { path: '/v1/users/me', headers: { ...bearer, 'X-Request-Id': id } });
    expect(seen.headers['x-request-id']).toBe(id);
    expect(sample.calls.at(-1)?.context.requestId).toBe(id);
  });

  test.each(['', 'a b', 'x'.repeat(65), 'a/b', 'ü'])('is ours when the caller’s is not: «%s»', async (id) => {
    const seen = await probe(sample.url, { path: '/v1/users/me', headers: { ...bearer, 'X-Request-Id': id } });
    expect(seen.headers['x-request-id']).toMatch(/^req_[A-Za-z0-9_-]{22}$/);
  });

  test('differs from request to request', async () => {
    const [a, b] = await Promise.all([probe(sample.url, { path: '/' }), probe(sample.url, { path: '/' })]);
    expect(a.headers['x-request-id']).not.toBe(b.headers['x-request-id']);
  });

  test('is the correlation id where the caller gives none', async () => {
    await probe(sample.url, { path: '/v1/users/me', headers: { ...bearer, 'X-Request-Id': 'r1' } });
    expect(sample.calls.at(-1)?.context.correlationId).toBe('r1');
    const headers = { ...bearer, 'X-Request-Id': 'r1', 'X-Correlation-Id': 'c1' };
    await probe(sample.url, { path: '/v1/users/me', headers });
    expect(sample.calls.at(-1)?.context.correlationId).toBe('c1');
  });
});

describe('Headers of every answer', () => {
  test.each(['/v1/users/me', '/api/v1/users/me', '/v1/nowhere', '/health/live'])(
    'forbid storing, sniffing, framing and referring: %s',
    async (path) => {
      const { headers } = await probe(sample.url, { path, headers: bearer });
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-powered-by']).toBeUndefined();
    },
  );
});

describe('A fault', () => {
  const failing = async (fault: Error): Promise<{ status: number; text: string; code: string; lines: string[] }> => {
    const other = await serveSample({ answer: () => Promise.reject(fault) });
    try {
      const headers = { 'Content-Type': 'application/json', 'X-Request-Id': 'case-7' };
      const seen = await probe(other.url, { method: 'POST', path: '/v1/users', headers, body: '{"email":"a@b.c"}' });
      return { status: seen.status, text: seen.text, code: codeOf(seen), lines: other.lines };
    } finally {
      await other.server.close();
    }
  };
  const secret = 'select secret from people';

  test('is told to the log with the request id, and to the caller without a word about its cause', async () => {
    const { status, code, text, lines } = await failing(new Error(secret));
    expect([status, code]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(text).not.toMatch(/select|secret|\.ts|at /);
    const line = lines.find((candidate) => candidate.includes('select secret')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ request_id: 'case-7', level: 50 });
  });

  test('whose outcome is unknown, and a store that is away, are 503', async () => {
    const unknown = await failing(new OutcomeUnknown(secret));
    expect([unknown.status, unknown.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(unknown.text).toContain('not known whether');
    const away = await failing(new StoreUnavailable(secret));
    expect([away.status, away.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});

describe('The log', () => {
  test('never holds a query, a header or a body', async () => {
    const headers = {
      Authorization: 'Bearer secret-bearer',
      Cookie: 'c=secret-cookie',
      'Content-Type': 'application/json',
    };
    const path = '/v1/users?token=secret-query';
    await probe(sample.url, { method: 'POST', path, headers, body: '{"email":"secret-body"}' });
    await probe(sample.url, { path: '/verify-email?token=secret-query' });
    const logged = sample.lines.join('\n');
    expect(logged).toContain('"path":"/verify-email"');
    expect(logged).not.toContain('secret-');
  });
});

describe('Conditional reads', () => {
  const read = (ifNoneMatch: string, method = 'GET') =>
    probe(sample.url, { method, path: '/v1/users/me', headers: { ...bearer, 'If-None-Match': ifNoneMatch } });

  test.each(['"4.2"', 'W/"4.2"', '"1", "4.2"', '*'])(
    'are 304 without a body when the ETag is named: %s',
    async (header) => {
      const seen = await read(header);
      expect([seen.status, seen.text, seen.headers.etag]).toEqual([304, '', '"4.2"']);
    },
  );

  test.each(['"4"', '"4.3"', '4.2', ''])('are answered whole otherwise: «%s»', async (header) => {
    expect((await read(header)).status).toBe(200);
  });
});

describe('Tokens', () => {
  test('a required one that is missing is 401 before anything else is looked at', async () => {
    const seen = await probe(sample.url, { path: '/v1/users?bogus=1' });
    expect([seen.status, ...detailsOf(seen)]).toEqual([401, 'Authorization: token_missing']);
    expect(seen.headers['www-authenticate']).toBe('Bearer realm="rollbook"');
  });

  test.each(['', 'Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(5000)}`])(
    'a header that holds none is 401 also where a token is optional: %s',
    async (Authorization) => {
      const { headers, body } = json({ email: 'a@b.c' });
      const seen = await probe(sample.url, {
        method: 'POST',
        path: '/v1/users',
        headers: { ...headers, Authorization },
        body,
      });
      expect([seen.status, ...detailsOf(seen)]).toEqual([401, 'Authorization: token_invalid']);
    },
  );

  test('the header is ignored by the routes that need none', async () => {
    const seen = await probe(sample.url, {
      method: 'POST',
      path: '/v1/auth/logout',
      headers: { Authorization: 'Basic x' },
    });
    expect(seen.status).toBe(204);
  });

  test('one that does not verify is refused before the body is read', async () => {
    const strict = await serveSample({
      checkBearer: () => ({ sender: null, refused: reject('token_expired') }),
    });
    const headers = { ...bearer, 'Content-Type': 'text/plain' };
    const seen = await probe(strict.url, { method: 'POST', path: '/v1/users', headers, body: 'x' });
    expect([seen.status, ...detailsOf(seen)]).toEqual([401, 'Authorization: token_expired']);
    await strict.server.close();
  });
});
