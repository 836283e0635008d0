import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, readConfig, setting } from '@rollbook/shared/process/config';
import { secret, secretList } from '@rollbook/shared/process/secret-settings';
import { urlOf } from '@rollbook/shared/process/settings';
import { readJsonFile } from '../standalone/private-file.ts';
import { readSecretsFile } from '../standalone/secrets.ts';

const cost = setting('a whole number from 4 to 15', (text) => {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= 4 && value <= 15 ? { value } : { problem: 'it is not' };
});

const Settings = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: urlOf('postgres', 'postgresql'),
  EVENT_STORE_URL: urlOf('postgres', 'postgresql', 'esdb', 'esdb+discover').optional(),
  MASTER_KEY: secretList(),
  PASSWORD_PEPPER: secretList(),
  DIGEST_KEY: secret(),
  BCRYPT_COST: cost.default(12),
});

export type SeedSettings = z.output<typeof Settings> & { readonly EVENT_STORE_URL: string };

const Running = z.object({ database_url: z.string() });

/**
 * The settings from the environment; without `DATABASE_URL`, where `npm start` runs on `DATA_DIR`, with its keys.
 * Throws ConfigError.
 */
export const readSeedSettings = async (env: NodeJS.ProcessEnv): Promise<SeedSettings> => {
  const given = env['DATABASE_URL']
    ? env
    : { ...(await ofRunning(resolve(env['DATA_DIR'] || '.data'))), ...filled(env) };
  const settings = readConfig(Settings, given);
  return { ...settings, EVENT_STORE_URL: settings.EVENT_STORE_URL ?? settings.DATABASE_URL };
};

const filled = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

const ofRunning = async (dataDir: string): Promise<NodeJS.ProcessEnv> => {
  const services = Running.safeParse(await readJsonFile(join(dataDir, 'services.json')));
  if (!services.success)
    throw new ConfigError(
      `DATABASE_URL is not set, and no "npm start" runs on ${dataDir}: start it, or name its folder by DATA_DIR.`,
    );
  return { ...(await readSecretsFile(join(dataDir, 'secrets.json'))), DATABASE_URL: services.data.database_url };
};
