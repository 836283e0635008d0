import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, readConfig } from '@rollbook/shared/process/config';
import { host, logLevel, port, publicUrl, urlOf } from '@rollbook/shared/process/settings';

const Settings = z.object({
  HOST: host().default('127.0.0.1'),
  PORT: port().default(8000),
  DATA_DIR: z.string().default('.data'),
  /** A PostgreSQL of one's own; without it one is started. */
  DATABASE_URL: urlOf('postgres', 'postgresql').optional(),
  SMTP_URL: urlOf('smtp', 'smtps').optional(),
  PUBLIC_URL: publicUrl().optional(),
  ADMIN_EMAIL: z.string().optional(),
  ADMIN_PASSWORD: z.string().optional(),
  LOG_LEVEL: logLevel().default('warn'),
});

export type StandaloneConfig = z.output<typeof Settings>;

/** True for names and addresses that only this machine reaches. */
export const isLoopback = (name: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(name) || /\.localhost$/i.test(name);

/**
 * The settings of the small profile; `DATA_DIR` as a full path. Throws ConfigError, also where mails with links would
 * stay in an inbox that nobody outside can read.
 */
export function readStandaloneConfig(env: NodeJS.ProcessEnv): StandaloneConfig {
  const config = readConfig(Settings, env);
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
