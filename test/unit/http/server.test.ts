import { describe, expect, test } from '@jest/globals';
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { listen } from '@rollbook/shared/http/server';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { codeOf, detailsOf, json, probe } from '../../support/http-probe.ts';
import { serveSample } from '../../support/sample-app.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const register = (url: string) => probe(url, { method: 'POST', path: '/v1/users', ...json({ email: 'a@b.c' }) });

describe('Health', () => {
  test('live says that the process answers; ready that its parts do', async () => {
    const sample = await serveSample({ health: { event_log: () => Promise.resolve(), keys: () => Promise.resolve() } });
    expect((await probe(sample.url, { path: '/health/live' })).json).toEqual({ status: 'live' });
    const ready = await probe(sample.url, { path: '/health/ready' });
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready', checks: { event_log: 'up', keys: 'up' } }]);
    await sample.server.close();
  });

  test('a part that the service can do without is shown as down, and the service stays ready', async () => {
    const down = { optional: () => Promise.reject(new Error('away')) };
    const sample = await serveSample({ health: { database: () => Promise.resolve(), event_log: down } });
    const ready = await probe(sample.url, { path: '/health/ready' });
    const body = { status: 'ready', checks: { database: 'up', event_log: 'down' } };
    expect([ready.status, ready.json]).toEqual([200, body]);
    await sample.server.close();
  });

  test('a part that fails or is silent is named, within a bounded time', async () => {
    const health = {
      up: () => Promise.resolve(),
      failing: () => Promise.reject(new Error('password=secret')),
      silent: () => new Promise<void>(() => undefined),
    };
    const sample = await serveSample({ health });
    const ready = await probe(sample.url, { path: '/health/ready' });
    expect([ready.status, codeOf(ready), detailsOf(ready)]).toEqual([
      503,
      'SERVICE_UNAVAILABLE',
      ['failing: down', 'silent: down'],
    ]);
    expect(ready.text).not.toContain('secret');
    expect(ready.headers['retry-after']).toBeDefined();
    expect(sample.lines.map((line) => JSON.parse(line) as { part?: string })).toContainEqual(
      expect.objectContaining({ part: 'failing', msg: 'a part does not answer' }),
    );
    await sample.server.close();
  });
});

describe('A server', () => {
  test('on a taken port says so in a sentence', async () => {
    const sample = await serveSample();
    const port = Number(new URL(sample.url).port);
    const again = listen(
      { app: () => undefined },
      { host: '127.0.0.1', port, clock: systemClock, random: systemRandom },
    );
    await expect(again).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining(String(port)) as unknown,
    });
    await sample.server.close();
  });

  test('that closes finishes its answers and the work after them', async () => {
    let done = false;
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const slow = async () => {
      arrive();
      await pause(80);
      return {
        status: 202,
        after: async () => {
          await pause(80);
          done = true;
        },
      };
    };
    const sample = await serveSample({ answer: slow });
    const answer = register(sample.url);
    await arrived;
    await sample.server.close();
    expect((await answer).status).toBe(202);
    expect(done).toBe(true);
    await expect(register(sample.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('sends the answer before the work after it, whose faults only the log sees', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const answer = () =>
      Promise.resolve({ status: 202, after: () => gate.then(() => Promise.reject(new Error('late fault'))) });
    const sample = await serveSample({ answer });
    expect((await register(sample.url)).status).toBe(202);
    release();
    await sample.server.close();
    expect(sample.lines.join()).toContain('late fault');
  });

  test('does the work after an answer also where the caller went away before it', async () => {
    let entered = (): void => undefined;
    const handling = new Promise<void>((resolve) => (entered = resolve));
    let answerNow = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answerNow = resolve));
    let done = (): void => undefined;
    const worked = new Promise<void>((resolve) => (done = resolve));
    const sample = await serveSample({
      answer: async () => {
        entered();
        await gate;
        const after = (): Promise<void> => {
          done();
          return Promise.resolve();
        };
        return { status: 202, after };
      },
    });
    const { headers, body } = json({ email: 'a@b.c' });
    const sent = request(`${sample.url}/v1/users`, { method: 'POST', headers, agent: false });
    sent.on('error', () => undefined);
    sent.end(body);
    await handling;
    sent.destroy();
    await pause(50);
    answerNow();
    await worked;
    await sample.server.close();
  });

  test('does not wait for idle kept-alive connections, nor for ever for an answer that hangs', async () => {
    const sample = await serveSample({ answer: () => new Promise(() => undefined) });
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve) => {
      get(`${sample.url}/health/live`, { agent }, (response) => {
        response.resume().on('end', resolve);
      });
    });
    const hanging = register(sample.url).catch((fault: unknown) => fault);
    await pause(30);
    const begun = Date.now();
    await sample.server.close(300);
    expect(Date.now() - begun).toBeLessThan(2_000);
    expect(await hanging).toMatchObject({ code: 'ECONNRESET' });
    agent.destroy();
  });

  test('that closes ends each connection with the answer under way on it, so that nobody keeps it busy', async () => {
    let entered = (): void => undefined;
    const handling = new Promise<void>((resolve) => (entered = resolve));
    const sample = await serveSample({
      answer: async () => {
        entered();
        await pause(50);
        return { status: 200, body: { ok: true } };
      },
    });
    const agent = new Agent({ keepAlive: true });
    const { headers, body } = json({ email: 'a@b.c' });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(`${sample.url}/v1/users`, { method: 'POST', headers, agent }, resolve);
      sent.on('error', reject);
      sent.end(body);
    });
    await handling;
    const closed = sample.server.close();
    const { statusCode, headers: answered } = await answer;
    expect([statusCode, answered.connection]).toEqual([200, 'close']);
    (await answer).resume();
    await closed;
    agent.destroy();
  });

  test('that closes waits for a handler whose caller has gone', async () => {
    let done = false;
    const answer = async () => {
      await pause(150);
      done = true;
      return { status: 200 };
    };
    const sample = await serveSample({ answer });
    const { headers, body } = json({ email: 'a@b.c' });
    const sent = request(`${sample.url}/v1/users`, { method: 'POST', headers, agent: false });
    sent.on('error', () => undefined);
    sent.end(body);
    await pause(50);
    sent.destroy();
    await pause(20);
    await sample.server.close();
    expect(done).toBe(true);
  });

  test.each([
    ['no Host', 'GET /health/live HTTP/1.1\r\n\r\n', 400],
    ['an expectation that nobody knows', 'GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n', 400],
    ['CONNECT', 'CONNECT elsewhere:22 HTTP/1.1\r\nHost: elsewhere\r\n\r\n', 404],
  ])('answers %s with the error envelope', async (_what, text, status) => {
    const sample = await serveSample();
    const socket = connect(Number(new URL(sample.url).port), '127.0.0.1');
    socket.write(text);
    const answer = await readAll(socket);
    const error = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { error: { request_id: string } };
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
    expect(answer).toContain(`X-Request-Id: ${error.error.request_id}`);
    await sample.server.close();
  });
});
