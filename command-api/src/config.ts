import { z } from 'zod';
import { pictureStoreUrl } from '@rollbook/shared/pictures/picture-store-url';
import { readConfig, setting } from '@rollbook/shared/process/config';
import { privateKeyList, secret, secretList } from '@rollbook/shared/process/secret-settings';
import * as from from '@rollbook/shared/process/settings';

const MINUTE = 60;
const DAY = 86_400;

/** bcrypt's cost; what is below 10 is for tests only. */
const bcryptCost = setting('a whole number from 10 to 15 (from 4 with NODE_ENV=test)', (text) => {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= 4 && value <= 15 ? { value } : { problem: 'it is not' };
});

const schema = z
  .object({
    NODE_ENV: z.string().default('production'),
    HOST: from.host().default('127.0.0.1'),
    PORT: from.port().default(8001),
    DATABASE_URL: from.urlOf('postgres', 'postgresql'),
    EVENT_STORE_URL: from.urlOf('postgres', 'postgresql', 'esdb', 'esdb+discover'),
    PICTURE_STORE_URL: pictureStoreUrl().optional(),
    PUBLIC_URL: from.publicUrl(),
    PORTALS: from.portals().optional(),
    CORS_ORIGINS: from.origins().optional(),
    ADMIN_EMAIL: z.string().optional(),
    ADMIN_PASSWORD: z.string().optional(),
    MASTER_KEY: secretList(),
    PASSWORD_PEPPER: secretList(),
    DIGEST_KEY: secret(),
    LINK_KEYS: secretList(),
    TOKEN_PRIVATE_KEYS: privateKeyList('rsa'),
    RECEIPT_PRIVATE_KEYS: privateKeyList('ed25519'),
    TOKEN_ISSUER: z.string().optional(),
    TOKEN_AUDIENCE: z.string().default('rollbook'),
    BCRYPT_COST: bcryptCost.default(12),
    ACCESS_TOKEN_TTL: from.seconds().default(15 * MINUTE),
    REFRESH_TOKEN_TTL: from.seconds().default(30 * DAY),
    REFRESH_IDLE_TTL: from.seconds().default(14 * DAY),
    REFRESH_REUSE_GRACE: from.seconds(0).default(10),
    PENDING_TTL: from.seconds().default(7 * DAY),
    TRUST_PROXY: from.trustProxy().default(0),
    RATE_LIMIT_CREDENTIALS_PER_HOUR: from.whole(0).default(20),
    REGISTRATION_DISCLOSURE: z.enum(['public', 'private']).default('public'),
    PASSWORD_POLICY: z.enum(['classes', 'length']).default('classes'),
    LOG_LEVEL: from.logLevel(),
  })
  .superRefine((config, context) => {
    if (config.BCRYPT_COST < 10 && config.NODE_ENV !== 'test')
      context.addIssue({ code: 'custom', path: ['BCRYPT_COST'], message: 'must be at least 10 outside tests' });
  });

export type CommandApiConfig = z.output<typeof schema>;

/** The settings of command-api; throws ConfigError naming each that is wrong or missing. */
export const readCommandApiConfig = (env: NodeJS.ProcessEnv): CommandApiConfig => readConfig(schema, env);
