import { z } from 'zod';
import { pictureStoreUrl } from '@rollbook/shared/pictures/picture-store-url';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList } from '@rollbook/shared/process/secret-settings';
import * as from from '@rollbook/shared/process/settings';
import * as shared from '@rollbook/shared/process/shared-settings';

const DAY = 86_400;

/** Each setting with its words: docs/configuration.md is made from them. */
export const CommandApiSettings = z
  .object({
    NODE_ENV: shared.NODE_ENV,
    HOST: shared.HOST,
    PORT: shared.portOr(8001),
    DATABASE_URL: shared.DATABASE_URL,
    EVENT_STORE_URL: shared.EVENT_STORE_URL,
    PICTURE_STORE_URL: pictureStoreUrl().optional(),
    PUBLIC_URL: shared.PUBLIC_URL,
    PORTALS: shared.PORTALS.optional(),
    CORS_ORIGINS: shared.CORS_ORIGINS,
    ADMIN_EMAIL: shared.ADMIN_EMAIL,
    ADMIN_PASSWORD: shared.ADMIN_PASSWORD,
    MASTER_KEY: shared.MASTER_KEY,
    PASSWORD_PEPPER: shared.PASSWORD_PEPPER,
    DIGEST_KEY: shared.DIGEST_KEY,
    LINK_KEYS: shared.LINK_KEYS,
    TOKEN_PRIVATE_KEYS: privateKeyList('rsa').describe('Sign tokens.'),
    RECEIPT_PRIVATE_KEYS: privateKeyList('ed25519').describe('Sign the receipts of erasures.'),
    TOKEN_ISSUER: shared.TOKEN_ISSUER,
    TOKEN_AUDIENCE: shared.TOKEN_AUDIENCE,
    BCRYPT_COST: shared.BCRYPT_COST,
    ACCESS_TOKEN_TTL: shared.ACCESS_TOKEN_TTL,
    REFRESH_TOKEN_TTL: from
      .seconds()
      .default(30 * DAY)
      .describe('From the sign-in: no token of a session outlives it.'),
    REFRESH_IDLE_TTL: from
      .seconds()
      .default(14 * DAY)
      .describe('How long a refresh token may lie unused.'),
    REFRESH_REUSE_GRACE: from
      .seconds(0)
      .default(10)
      .describe('How long a used refresh token is answered 409 instead of ending its session; 0: not at all.'),
    PENDING_TTL: shared.PENDING_TTL,
    TRUST_PROXY: shared.TRUST_PROXY,
    RATE_LIMIT_PER_HOUR: shared.RATE_LIMIT_PER_HOUR,
    RATE_LIMIT_ANONYMOUS_PER_HOUR: shared.RATE_LIMIT_ANONYMOUS_PER_HOUR,
    RATE_LIMIT_CREDENTIALS_PER_HOUR: from
      .whole(0)
      .default(20)
      .describe('[Failed sign-ins and mails](features/signing-in.md#limits); 0: no limits.'),
    REGISTRATION_DISCLOSURE: from
      .oneOf(['public', 'private'])
      .default('public')
      .describe(
        "`public`: an address that is taken is told (409). `private`: one and the same answer, and a mail to the address's owner.",
      ),
    PASSWORD_POLICY: from
      .oneOf(['classes', 'length'])
      .default('classes')
      .describe('`classes`: 8 characters of four kinds; `length`: 15 of any. Neither takes a common password.'),
    LOG_LEVEL: shared.LOG_LEVEL,
  })
  .superRefine(shared.refuseCheapHashes);

export type CommandApiConfig = z.output<typeof CommandApiSettings>;

/** The settings of command-api; throws ConfigError naming each that is wrong or missing. */
export const readCommandApiConfig = (env: NodeJS.ProcessEnv): CommandApiConfig => readConfig(CommandApiSettings, env);
