import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { host, logLevel, origins, port, trustProxy, urlOf } from '@rollbook/shared/process/settings';

const Settings = z.object({
  HOST: host().default('127.0.0.1'),
  PORT: port().default(8000),
  COMMAND_API_URL: urlOf('http'),
  QUERY_API_URL: urlOf('http'),
  PROJECTOR_URL: urlOf('http'),
  MAILER_URL: urlOf('http'),
  TRUST_PROXY: trustProxy().optional(),
  CORS_ORIGINS: origins().optional(),
  LOG_LEVEL: logLevel(),
});

/** The settings of the gateway. Throws ConfigError. */
export const readGatewayConfig = (env: NodeJS.ProcessEnv): z.output<typeof Settings> => readConfig(Settings, env);
