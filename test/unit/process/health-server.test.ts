import { describe, expect, test } from '@jest/globals';
import { startHealthServer } from '@rollbook/shared/process/health-server';
import { StartError } from '@rollbook/shared/process/start-error';

describe('Health of a service without an API', () => {
  test('it is live at once and ready when all its parts answer', async () => {
    let up = false;
    const faults: string[] = [];
    const server = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      checks: {
        log: () => Promise.resolve(),
        smtp: () => (up ? Promise.resolve() : Promise.reject(new Error('down'))),
      },
      onFault: (part) => void faults.push(part),
    });
    const get = async (path: string, method = 'GET'): Promise<[number, string]> => {
      const answer = await fetch(server.url + path, { method });
      return [answer.status, await answer.text()];
    };
    expect(await get('/health/live')).toEqual([200, '{"status":"live"}']);
    expect(await get('/health/ready')).toEqual([503, '{"status":"not ready","parts":["smtp"]}']);
    up = true;
    expect(await get('/health/ready')).toEqual([200, '{"status":"ready"}']);
    expect(await get('/health/live', 'HEAD')).toEqual([200, '']);
    expect((await get('/health/live', 'POST'))[0]).toBe(405);
    expect((await get('/other'))[0]).toBe(404);
    expect(faults).toEqual(['smtp']);
    await server.close();
  });

  test('a taken port is told in one sentence', async () => {
    const first = await startHealthServer({ host: '127.0.0.1', port: 0, checks: {} });
    const second = startHealthServer({ host: '127.0.0.1', port: first.port, checks: {} });
    await expect(second).rejects.toThrow(
      new StartError(`Port ${first.port} of 127.0.0.1 is taken: set PORT to a free one.`),
    );
    const elsewhere = startHealthServer({ host: '192.0.2.77', port: 0, checks: {} });
    await expect(elsewhere).rejects.toThrow('This machine has no address 192.0.2.77: set HOST to one of its own.');
    await first.close();
  });
});
