import { z } from 'zod';
import { pictureStoreUrl } from '@rollbook/shared/pictures/picture-store-url';
import { readConfig } from '@rollbook/shared/process/config';
import { publicKeyList, secretList } from '@rollbook/shared/process/secret-settings';
import {
  host,
  logLevel,
  origins,
  port,
  publicUrl,
  seconds,
  trustProxy,
  urlOf,
} from '@rollbook/shared/process/settings';

const Settings = z.object({
  NODE_ENV: z.string().default('production'),
  HOST: host().default('127.0.0.1'),
  PORT: port().default(8002),
  DATABASE_URL: urlOf('postgres', 'postgresql'),
  EVENT_STORE_URL: urlOf('postgres', 'postgresql', 'esdb', 'esdb+discover'),
  PICTURE_STORE_URL: pictureStoreUrl().optional(),
  PUBLIC_URL: publicUrl(),
  CORS_ORIGINS: origins().optional(),
  MASTER_KEY: secretList(),
  TOKEN_PUBLIC_KEYS: publicKeyList('rsa'),
  // Wanted from the first start on, so that no installation lacks them when erasures and checkpoints are proved by them.
  RECEIPT_PUBLIC_KEYS: publicKeyList('ed25519'),
  NOTARY_PUBLIC_KEYS: publicKeyList('ed25519'),
  TOKEN_ISSUER: z.string().optional(),
  TOKEN_AUDIENCE: z.string().default('rollbook'),
  /** As command-api has it: how far back ended sessions are known. Where it is too short, the log is asked instead. */
  ACCESS_TOKEN_TTL: seconds().default(900),
  TRUST_PROXY: trustProxy().optional(),
  LOG_LEVEL: logLevel(),
});

/** The settings of query-api, with the issuer's default filled in. Throws ConfigError. */
export const readQueryConfig = (env: NodeJS.ProcessEnv) => {
  const settings = readConfig(Settings, env);
  return { ...settings, TOKEN_ISSUER: settings.TOKEN_ISSUER ?? settings.PUBLIC_URL };
};

export type QueryConfig = ReturnType<typeof readQueryConfig>;
