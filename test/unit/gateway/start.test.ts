import { describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { start } from '../../../deploy/gateway/main.ts';
import { detailsOf, probe } from '../../support/http-probe.ts';

const logger = pino({ level: 'silent' });

const service = async (status: number): Promise<{ server: Server; url: string }> => {
  const server = createServer((_request, response) => void response.writeHead(status).end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
};

describe('The gateway', () => {
  test('is ready when all four services are, and says which is not', async () => {
    const [good, bad] = await Promise.all([service(200), service(503)]);
    const env = { PORT: '0', COMMAND_API_URL: good.url, QUERY_API_URL: good.url, PROJECTOR_URL: good.url };
    const whole = await start({ ...env, MAILER_URL: good.url }, { logger });
    expect((await probe(whole.addresses['http']!, { path: '/health/ready' })).status).toBe(200);
    const half = await start({ ...env, MAILER_URL: bad.url }, { logger });
    const seen = await probe(half.addresses['http']!, { path: '/health/ready' });
    expect([seen.status, detailsOf(seen)]).toEqual([503, ['mailer: down']]);
    await Promise.all([whole.stop(), half.stop()]);
    for (const { server } of [good, bad]) {
      server.closeAllConnections();
      server.close();
    }
  });

  test('without its settings does not start, and names them', async () => {
    await expect(start({ PORT: '0' }, { logger })).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(/COMMAND_API_URL.*QUERY_API_URL.*PROJECTOR_URL.*MAILER_URL/s) as unknown,
    });
  });
});
