import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { request as httpRequest, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { pino } from 'pino';
import { listen, type Listening } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { buildGateway, type Gateway, type GatewayParts } from '../../../deploy/gateway/gateway.ts';
import { codeOf, detailsOf, probe } from '../../support/http-probe.ts';
import { serve, type Service } from '../../support/recording-service.ts';

let command: Service;
let query: Service;
const started: { gateway: Gateway; server: Listening }[] = [];
const startGateway = async (more: Partial<GatewayParts> = {}): Promise<string> => {
  const parts = { commandApi: command.url, queryApi: query.url, health: {}, clock, random, ...more };
  const gateway = buildGateway({ log: pino({ level: 'silent' }), ...parts });
  const server = await listen(gateway, { host: '127.0.0.1', port: 0, clock, random });
  started.push({ gateway, server });
  return server.url;
};
let url: string;
const last = (service: Service): Service['seen'][number] => service.seen.at(-1)!;

beforeAll(async () => {
  [command, query] = await Promise.all([serve('command'), serve('query')]);
  url = await startGateway();
});
beforeEach(() => {
  for (const [name, service] of [
    ['command', command],
    ['query', query],
  ] as const)
    service.answer = (_request, response) => void response.setHeader('X-Service', name).end(name);
});
afterAll(async () => {
  await Promise.all(
    started.map(async ({ gateway, server }) => {
      await server.close(100);
      gateway.close();
    }),
  );
  await Promise.all([command.stop(), query.stop()]);
});

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
    const small = await startGateway({ devInbox });
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
    const trusting = await startGateway({ trustProxy: ['127.0.0.0/8'] });
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

describe('Bodies', () => {
  test('flow to the service and back, whatever their size', async () => {
    command.answer = (request, response) => {
      response.writeHead(201, { Location: '/v1/x', 'Content-Type': 'text/plain' });
      request.pipe(response);
    };
    const body = 'x'.repeat(3_000_000);
    const seen = await probe(url, { method: 'POST', path: '/v1/users', body });
    expect([seen.status, seen.headers.location, seen.text.length]).toEqual([201, '/v1/x', body.length]);
  });

  test.each(['DELETE', 'POST', 'OPTIONS', 'GET'])(
    'without a length never become another request on the kept connection: %s',
    async (method) => {
      const smuggled = 'GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
      const headers = { 'Transfer-Encoding': 'chunked' };
      const seen = await probe(url, { method, path: '/v1/first', headers, body: smuggled });
      expect(seen.status).toBe(200);
      await probe(url, { method, path: '/v1/second' });
      const urls = [...command.seen, ...query.seen].map(({ request }) => request.url);
      expect(urls).not.toContain('/v1/smuggled');
      if (method !== 'GET') expect(command.seen.at(-2)?.body).toBe(smuggled);
    },
  );

  test('that a service refuses early still get its answer', async () => {
    command.answer = (request, response) => {
      request.resume();
      response.statusCode = 413;
      response.end('too large');
    };
    const seen = await probe(url, { method: 'POST', path: '/v1/users', body: 'x'.repeat(2_000_000) });
    expect([seen.status, seen.text]).toEqual([413, 'too large']);
  });

  test('that a service answers early leave the connection as good as new', async () => {
    command.answer = (request, response) => {
      response.statusCode = 413;
      response.end('{}');
      request.resume();
    };
    const { hostname, port } = new URL(url);
    const size = 5 * 1024 * 1024;
    for (let times = 0; times < 10; times += 1) {
      const socket = connect(Number(port), hostname);
      const seen = new Promise<string>((resolve, reject) => {
        let text = '';
        socket.on('error', reject).on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
          if (text.includes('query')) resolve(text);
        });
      });
      socket.write(`PUT /v1/whatever HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(size)}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
      socket.write('GET /v1/whatever HTTP/1.1\r\nHost: x\r\n\r\n');
      expect((await seen).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
      socket.destroy();
    }
  });

  test('of an answer arrive as they are written', async () => {
    let finish = (): void => undefined;
    query.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: 1\n\n');
      finish = () => void response.end();
    };
    const first = await new Promise<string>((resolve, reject) => {
      httpRequest(`${url}/v1/events`, { agent: false }, (answer) => {
        answer.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
        });
        answer.on('end', () => undefined);
      })
        .on('error', reject)
        .end();
    });
    expect(first).toBe('data: 1\n\n');
    finish();
  });

  test('that break off in the middle do not look whole', async () => {
    query.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    };
    await expect(probe(url, { path: '/v1/users' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('whose reader goes away are no longer written', async () => {
    const closed = new Promise<void>((resolve) => {
      query.answer = (_request, response) => {
        response.on('close', resolve);
        response.write('x');
      };
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.once('data', () => socket.destroy());
    await closed;
  });
});

describe('A service that is away', () => {
  const nowhere = new URL('http://127.0.0.1:1');

  test('is 503 with the envelope, Retry-After and the request id', async () => {
    const alone = await startGateway({ commandApi: nowhere, queryApi: nowhere });
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
    const half = await startGateway({ health });
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
