import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, readConfig } from '@rollbook/shared/process/config';
import { DATA_DIR } from './config.ts';
import { readJsonFile } from './private-file.ts';
import { readSecretsFile } from './secrets.ts';

const Folder = z.object({ DATA_DIR });
const Running = z.object({ database_url: z.string() });

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

/**
 * The environment; without `DATABASE_URL` in it, that where `npm start` runs on `DATA_DIR`, with its keys, comes first.
 * Throws ConfigError.
 */
export const withRunning = async (env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> =>
  env['DATABASE_URL'] ? env : { ...(await ofRunning(resolve(readConfig(Folder, env).DATA_DIR))), ...filled(env) };
