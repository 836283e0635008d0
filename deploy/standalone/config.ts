import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, readConfig } from '@rollbook/shared/process/config';
import * as shared from '@rollbook/shared/process/shared-settings';

/** `DATA_DIR`, for `npm start` and for the commands that work beside it. */
export const DATA_DIR = z
  .string()
  .default('.data')
  .describe('Where `npm start` keeps everything, and where the commands look for a running one.');

/** Each setting with its words: docs/configuration.md is made from them. */
export const StandaloneSettings = z.object({
  HOST: shared.HOST,
  PORT: shared.portOr(8000),
  DATA_DIR,
  /** A PostgreSQL of one's own; without it one is started. */
  DATABASE_URL: shared.DATABASE_URL.optional(),
  SMTP_URL: shared.SMTP_URL.optional(),
  PUBLIC_URL: shared.PUBLIC_URL.optional(),
  ADMIN_EMAIL: shared.ADMIN_EMAIL,
  ADMIN_PASSWORD: shared.ADMIN_PASSWORD,
  LOG_LEVEL: shared.LOG_LEVEL.default('warn'),
});

export type StandaloneConfig = z.output<typeof StandaloneSettings>;

/** True for names and addresses that only this machine reaches. */
export const isLoopback = (name: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(name) || /\.localhost$/i.test(name);

/**
 * The settings of the small profile; `DATA_DIR` as a full path. Throws ConfigError, also where mails with links would
 * stay in an inbox that nobody outside can read.
 */
export function readStandaloneConfig(env: NodeJS.ProcessEnv): StandaloneConfig {
  const config = readConfig(StandaloneSettings, env);
  if (config.SMTP_URL === undefined) {
    if (!isLoopback(config.HOST))
      throw new ConfigError(
        'HOST is not a loopback address, so the built-in inbox is not available: set SMTP_URL to a mail server.',
      );
    if (config.PUBLIC_URL !== undefined && !isLoopback(new URL(config.PUBLIC_URL).hostname))
      throw new ConfigError(
        'PUBLIC_URL is not a loopback address, so the built-in inbox is not available: set SMTP_URL to a mail server.',
      );
  }
  if ((config.ADMIN_EMAIL === undefined) !== (config.ADMIN_PASSWORD === undefined))
    throw new ConfigError('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.');
  return { ...config, DATA_DIR: resolve(config.DATA_DIR) };
}
