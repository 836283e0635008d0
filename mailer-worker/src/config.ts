import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import * as shared from '@rollbook/shared/process/shared-settings';
import { mailFrom } from './mail-from.ts';

/** Each setting with its words: docs/configuration.md is made from them. */
export const MailerSettings = z.object({
  NODE_ENV: shared.NODE_ENV,
  PORT: shared.portOr(8004),
  HOST: shared.HOST,
  DATABASE_URL: shared.DATABASE_URL,
  EVENT_STORE_URL: shared.EVENT_STORE_URL,
  MESSAGE_FEED_URL: shared.MESSAGE_FEED_URL,
  SMTP_URL: shared.SMTP_URL,
  MAIL_FROM: mailFrom().describe('The sender of all mails.'),
  PUBLIC_URL: shared.PUBLIC_URL,
  PORTALS: shared.PORTALS.default(new Map<string, string>()),
  MASTER_KEY: shared.MASTER_KEY,
  LINK_KEYS: shared.LINK_KEYS,
  PENDING_TTL: shared.PENDING_TTL,
  LOG_LEVEL: shared.LOG_LEVEL,
});

export type MailerConfig = z.output<typeof MailerSettings>;

/** The mailer's settings; EVENT_STORE_URL and MESSAGE_FEED_URL default to DATABASE_URL. Throws ConfigError. */
export const readMailerConfig = (env: NodeJS.ProcessEnv): MailerConfig => {
  const { DATABASE_URL } = env;
  const defaults = DATABASE_URL ? { EVENT_STORE_URL: DATABASE_URL, MESSAGE_FEED_URL: DATABASE_URL } : {};
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  return readConfig(MailerSettings, { ...defaults, ...given });
};
