import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { pino } from 'pino';
import { listen, type Listening } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { buildGateway, type Gateway } from '../../../deploy/gateway/gateway.ts';
import { until } from '../../support/feed-audience.ts';
import { serve, type Service } from '../../support/recording-service.ts';

let query: Service;
let gateway: Gateway;
let server: Listening;
/** At the service, in the order of arrival. */
let upstream: ServerResponse[];
beforeEach(async () => {
  upstream = [];
  query = await serve('query');
  query.answer = (_request, response) => {
    upstream.push(response);
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
    response.write('id: 1\n\n');
  };
  const parts = { commandApi: query.url, queryApi: query.url, health: {}, clock, random };
  gateway = buildGateway({ ...parts, log: pino({ level: 'silent' }) });
  server = await listen(gateway, { host: '127.0.0.1', port: 0, clock, random });
});
afterEach(async () => {
  await server.close(50);
  gateway.close();
  await query.stop();
});

interface Client {
  readonly answer: IncomingMessage;
  text: string;
  readonly end: Promise<'whole' | 'broken'>;
}

const open = ({ paused = false } = {}): Promise<Client> =>
  new Promise((resolve, fail) => {
    get(`${server.url}/v1/events`, { agent: false }, (answer) => {
      const end = new Promise<'whole' | 'broken'>((settle) => {
        answer.once('close', () => settle(answer.complete ? 'whole' : 'broken'));
      });
      const client: Client = { answer, text: '', end };
      answer.on('error', () => undefined);
      if (!paused) answer.setEncoding('utf8').on('data', (piece: string) => (client.text += piece));
      resolve(client);
    }).once('error', fail);
  });

test('Two hundred streams flow through the gateway side by side, each piece at once', async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => open()));
  await until('the first piece came to all', () => clients.every(({ text }) => text === 'id: 1\n\n'));
  for (const response of upstream) response.write(': no news\n\n');
  await until('the second came', () => clients.every(({ text }) => text === 'id: 1\n\n: no news\n\n'));
  expect(clients[0]?.answer.headers['x-accel-buffering']).toBe('no');
  for (const { answer } of clients) answer.destroy();
  await until('the service has nobody left to send to', () => upstream.every(({ closed }) => closed));
});

test('Whoever reads a stream slowly holds its service back, and nothing is collected in the gateway', async () => {
  await open({ paused: true });
  const [response] = upstream;
  const piece = Buffer.alloc(64 * 1024, 'x');
  let sent = 0;
  // What the connections hold themselves is far less than this.
  while (response?.write(piece) === true || (await drained(response))) {
    sent += piece.length;
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  }
  expect(response?.writableNeedDrain).toBe(true);
});

test('Whoever takes nothing of an answer any more is dropped, even where its service goes on waiting', async () => {
  const { answer } = await open({ paused: true });
  const [response] = upstream;
  const piece = Buffer.alloc(64 * 1024, 'x');
  while (response?.write(piece) === true || (await drained(response)));
  await until('the gateway has given up', () => response?.closed === true, 20_000);
  answer.resume();
  await until('the client sees a break', () => answer.closed);
  expect(answer.complete).toBe(false);
});

/** Whether there is room again within half a second. */
const drained = (response: ServerResponse | undefined): Promise<boolean> =>
  new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), 500);
    response?.once('drain', () => {
      clearTimeout(late);
      resolve(true);
    });
  });

test('A gateway that stops ends its streams at once and properly, here and at the service', async () => {
  const client = await open();
  await until('it flows', () => client.text !== '');
  // It would wait for a minute.
  await server.close(60_000);
  expect(await client.end).toBe('whole');
  await until('the service knows', () => upstream.every(({ closed }) => closed));
});

test('A stream that the service breaks off is broken for the client, and one that it ends is whole', async () => {
  const [broken, ended] = [await open(), await open()];
  upstream[0]?.destroy();
  upstream[1]?.end();
  expect([await broken.end, await ended.end]).toStrictEqual(['broken', 'whole']);
});
