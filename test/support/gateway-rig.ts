import { pino } from 'pino';
import { listen, type Listening } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { buildGateway, type Gateway, type GatewayParts } from '../../deploy/gateway/gateway.ts';
import { serve, type Service } from './recording-service.ts';

/** A gateway before two services that remember what they were asked. */
export interface GatewayRig {
  readonly command: Service;
  readonly query: Service;
  readonly url: string;
  /** Another gateway before the same services; gives its URL. */
  startGateway(more?: Partial<GatewayParts>): Promise<string>;
  /** Both services answer with their names again. */
  reset(): void;
  stop(): Promise<void>;
}

export const startGatewayRig = async (): Promise<GatewayRig> => {
  const [command, query] = await Promise.all([serve('command'), serve('query')]);
  const started: { gateway: Gateway; server: Listening }[] = [];
  const startGateway = async (more: Partial<GatewayParts> = {}): Promise<string> => {
    const parts = { commandApi: command.url, queryApi: query.url, health: {}, clock, random, ...more };
    const gateway = buildGateway({ log: pino({ level: 'silent' }), ...parts });
    const server = await listen(gateway, { host: '127.0.0.1', port: 0, clock, random });
    started.push({ gateway, server });
    return server.url;
  };
  return {
    command,
    query,
    url: await startGateway(),
    startGateway,
    reset: () => {
      for (const [name, service] of Object.entries({ command, query }))
        service.answer = (_request, response) => void response.setHeader('X-Service', name).end(name);
    },
    stop: async () => {
      await Promise.all(
        started.map(async ({ gateway, server }) => {
          await server.close(100);
          gateway.close();
        }),
      );
      await Promise.all([command.stop(), query.stop()]);
    },
  };
};
