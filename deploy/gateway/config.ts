import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { urlOf } from '@rollbook/shared/process/settings';
import * as shared from '@rollbook/shared/process/shared-settings';

/** Each setting with its words: docs/configuration.md is made from them. */
export const GatewaySettings = z.object({
  HOST: shared.HOST,
  PORT: shared.portOr(8000),
  COMMAND_API_URL: urlOf('http').describe('Where it forwards commands to.'),
  QUERY_API_URL: urlOf('http').describe('Where it forwards queries to.'),
  PROJECTOR_URL: urlOf('http').describe('Asked for its readiness.'),
  MAILER_URL: urlOf('http').describe('Asked for its readiness.'),
  TRUST_PROXY: shared.TRUST_PROXY,
  CORS_ORIGINS: shared.CORS_ORIGINS,
  LOG_LEVEL: shared.LOG_LEVEL,
});

/** The settings of the gateway. Throws ConfigError. */
export const readGatewayConfig = (env: NodeJS.ProcessEnv): z.output<typeof GatewaySettings> =>
  readConfig(GatewaySettings, env);
