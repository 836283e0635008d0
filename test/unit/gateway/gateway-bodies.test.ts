import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { startGatewayRig, type GatewayRig } from '../../support/gateway-rig.ts';
import { probe } from '../../support/http-probe.ts';
import type { Service } from '../../support/recording-service.ts';

let rig: GatewayRig;
let command: Service;
let query: Service;
let url: string;

beforeAll(async () => {
  rig = await startGatewayRig();
  ({ command, query, url } = rig);
});
beforeEach(() => {
  rig.reset();
});
afterAll(() => rig.stop());

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
