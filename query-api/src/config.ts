import { z } from 'zod';
import { pictureStoreUrl } from '@rollbook/shared/pictures/picture-store-url';
import { readConfig } from '@rollbook/shared/process/config';
import { publicKeyList } from '@rollbook/shared/process/secret-settings';
import * as shared from '@rollbook/shared/process/shared-settings';

/** Each setting with its words: docs/configuration.md is made from them. */
export const QueryApiSettings = z.object({
  NODE_ENV: shared.NODE_ENV,
  HOST: shared.HOST,
  PORT: shared.portOr(8002),
  DATABASE_URL: shared.DATABASE_URL,
  EVENT_STORE_URL: shared.EVENT_STORE_URL,
  PICTURE_STORE_URL: pictureStoreUrl().optional(),
  PUBLIC_URL: shared.PUBLIC_URL,
  CORS_ORIGINS: shared.CORS_ORIGINS,
  MASTER_KEY: shared.MASTER_KEY,
  TOKEN_PUBLIC_KEYS: publicKeyList('rsa').describe('Check tokens, and are published as `/.well-known/jwks.json`.'),
  // Wanted from the first start on, so that no installation lacks them when erasures and checkpoints are proved by them.
  RECEIPT_PUBLIC_KEYS: publicKeyList('ed25519').describe('Published, so that anybody can check receipts.'),
  NOTARY_PUBLIC_KEYS: publicKeyList('ed25519').describe('Published as `/.well-known/audit-keys.json`.'),
  TOKEN_ISSUER: shared.TOKEN_ISSUER,
  TOKEN_AUDIENCE: shared.TOKEN_AUDIENCE,
  /** As command-api has it: how far back ended sessions are known. Where it is too short, the log is asked instead. */
  ACCESS_TOKEN_TTL: shared.ACCESS_TOKEN_TTL,
  TRUST_PROXY: shared.TRUST_PROXY,
  RATE_LIMIT_PER_HOUR: shared.RATE_LIMIT_PER_HOUR,
  RATE_LIMIT_ANONYMOUS_PER_HOUR: shared.RATE_LIMIT_ANONYMOUS_PER_HOUR,
  LOG_LEVEL: shared.LOG_LEVEL,
});

/** The settings of query-api, with the issuer's default filled in. Throws ConfigError. */
export const readQueryConfig = (env: NodeJS.ProcessEnv) => {
  const settings = readConfig(QueryApiSettings, env);
  return { ...settings, TOKEN_ISSUER: settings.TOKEN_ISSUER ?? settings.PUBLIC_URL };
};

export type QueryConfig = ReturnType<typeof readQueryConfig>;
