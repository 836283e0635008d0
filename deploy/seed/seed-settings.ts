import { z } from 'zod';
import { readConfig, setting } from '@rollbook/shared/process/config';
import { secret, secretList } from '@rollbook/shared/process/secret-settings';
import { urlOf } from '@rollbook/shared/process/settings';
import { withRunning } from '../standalone/running-settings.ts';

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

/**
 * The settings from the environment; without `DATABASE_URL`, where `npm start` runs on `DATA_DIR`, with its keys.
 * Throws ConfigError.
 */
export const readSeedSettings = async (env: NodeJS.ProcessEnv): Promise<SeedSettings> => {
  const settings = readConfig(Settings, await withRunning(env));
  return { ...settings, EVENT_STORE_URL: settings.EVENT_STORE_URL ?? settings.DATABASE_URL };
};
