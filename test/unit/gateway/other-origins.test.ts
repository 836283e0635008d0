import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { listen, type Listening } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { buildGateway, type Gateway } from '../../../deploy/gateway/gateway.ts';
import { probe } from '../../support/http-probe.ts';
import { serve, type Service } from '../../support/recording-service.ts';

const origin = 'https://app.example.org';
let command: Service;
let gateway: Gateway;
let server: Listening;
beforeAll(async () => {
  command = await serve('command');
  gateway = buildGateway({
    commandApi: command.url,
    queryApi: new URL('http://127.0.0.1:1'),
    corsOrigins: new Set([origin]),
    health: {},
    log: pino({ level: 'silent' }),
    clock,
    random,
  });
  server = await listen(gateway, { host: '127.0.0.1', port: 0, clock, random });
});
afterAll(async () => {
  await server.close(100);
  gateway.close();
  await command.stop();
});

describe('A page of another origin', () => {
  test('reads what a service answers with the headers that the service set, cookies and all', async () => {
    command.answer = (_request, response) => {
      response.setHeader('Set-Cookie', ['a=1; Path=/; HttpOnly', 'b=2; Path=/']);
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Vary', 'Origin').end();
    };
    const headers = { Origin: origin, Cookie: 'a=1; b=2', 'Access-Control-Request-Method': 'POST' };
    const seen = await probe(server.url, { method: 'OPTIONS', path: '/v1/users', headers });
    expect(command.seen.at(-1)?.request.headers).toMatchObject({
      origin,
      cookie: 'a=1; b=2',
      'access-control-request-method': 'POST',
    });
    expect(seen.headers['set-cookie']).toEqual(['a=1; Path=/; HttpOnly', 'b=2; Path=/']);
    expect([seen.headers['access-control-allow-origin'], seen.headers['vary']]).toEqual([origin, 'Origin']);
  });

  test('reads also that a service is away, if it is listed', async () => {
    const allowed = async (from: string) => {
      const seen = await probe(server.url, { path: '/v1/users', headers: { Origin: from } });
      return [seen.status, seen.headers['access-control-allow-origin']];
    };
    expect(await allowed(origin)).toEqual([503, origin]);
    expect(await allowed('https://other.example.org')).toEqual([503, undefined]);
  });
});
