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

const HELP = `Usage: npm run start:gateway

Runs the gateway: the one origin in front of the four services. It sends commands to COMMAND_API_URL and everything else
to QUERY_API_URL, and is ready when those two, PROJECTOR_URL and MAILER_URL are. It listens on HOST and PORT (127.0.0.1,
8000). These and its other settings come from the environment: docs/configuration.md.

Exit codes: 0 stopped, 1 it could not start or go on, 2 wrong usage, 78 wrong settings.`;

if (import.meta.main) await runService('gateway', start, { help: HELP });
