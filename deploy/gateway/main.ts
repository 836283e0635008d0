import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { listen } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { createLogger } from '@rollbook/shared/process/logger';
import { runService } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { readGatewayConfig } from './config.ts';
import { buildGateway } from './gateway.ts';
import { serviceHealth } from './service-health.ts';

export interface GatewayOverrides {
  /** Answers `/dev/inbox*` (small profile). */
  readonly devInbox?: RequestListener;
  readonly logger?: Logger;
}

/** Starts the gateway. Throws ConfigError or StartError with a sentence for the person who starts it. */
export async function start(env: NodeJS.ProcessEnv, overrides: GatewayOverrides = {}): Promise<Running> {
  const config = readGatewayConfig(env);
  const services = {
    command_api: new URL(config.COMMAND_API_URL),
    query_api: new URL(config.QUERY_API_URL),
    projector: new URL(config.PROJECTOR_URL),
    mailer: new URL(config.MAILER_URL),
  };
  const gateway = buildGateway({
    commandApi: services.command_api,
    queryApi: services.query_api,
    health: serviceHealth(services),
    clock,
    random,
    log: overrides.logger ?? createLogger({ service: 'gateway', level: config.LOG_LEVEL }),
    trustProxy: config.TRUST_PROXY,
    corsOrigins: config.CORS_ORIGINS,
    devInbox: overrides.devInbox,
  });
  const server = await listen(gateway, { host: config.HOST, port: config.PORT, clock, random });
  return running({ http: server.url }, async () => {
    await server.close();
    gateway.close();
  });
}

if (import.meta.main) await runService('gateway', start);
