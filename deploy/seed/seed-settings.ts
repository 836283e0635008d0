import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import * as shared from '@rollbook/shared/process/shared-settings';
import { withRunning } from '../standalone/running-settings.ts';

/** What it reads; `DATABASE_URL` and the keys may be those of a running `npm start`. */
export const SeedSettings = z
  .object({
    // Where nobody set it, nobody said that this is production.
    NODE_ENV: z.string().optional(),
    DATABASE_URL: shared.DATABASE_URL,
    EVENT_STORE_URL: shared.EVENT_STORE_URL.optional(),
    MASTER_KEY: shared.MASTER_KEY,
    PASSWORD_PEPPER: shared.PASSWORD_PEPPER,
    DIGEST_KEY: shared.DIGEST_KEY,
    BCRYPT_COST: shared.BCRYPT_COST,
  })
  .superRefine(shared.refuseCheapHashes);

export type SeedSettings = z.output<typeof SeedSettings> & { readonly EVENT_STORE_URL: string };

/**
 * The settings from the environment; without `DATABASE_URL`, where `npm start` runs on `DATA_DIR`, with its keys.
 * Throws ConfigError.
 */
export const readSeedSettings = async (env: NodeJS.ProcessEnv): Promise<SeedSettings> => {
  const settings = readConfig(SeedSettings, await withRunning(env));
  return { ...settings, EVENT_STORE_URL: settings.EVENT_STORE_URL ?? settings.DATABASE_URL };
};
