import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { secretList } from '@rollbook/shared/process/secret-settings';
import { host, logLevel, port, portals, publicUrl, seconds, urlOf } from '@rollbook/shared/process/settings';
import { mailFrom } from './mail-from.ts';

const WEEK = 7 * 24 * 60 * 60;

const Settings = z.object({
  NODE_ENV: z.string().default('production'),
  PORT: port().default(8004),
  HOST: host().default('127.0.0.1'),
  DATABASE_URL: urlOf('postgres', 'postgresql'),
  EVENT_STORE_URL: urlOf('postgres', 'postgresql', 'esdb', 'esdb+discover'),
  MESSAGE_FEED_URL: urlOf('postgres', 'postgresql', 'kafka'),
  SMTP_URL: urlOf('smtp', 'smtps'),
  MAIL_FROM: mailFrom(),
  PUBLIC_URL: publicUrl(),
  PORTALS: portals().default(new Map<string, string>()),
  MASTER_KEY: secretList(),
  LINK_KEYS: secretList(),
  PENDING_TTL: seconds().default(WEEK),
  LOG_LEVEL: logLevel(),
});

export type MailerConfig = z.output<typeof Settings>;

/** The mailer's settings; EVENT_STORE_URL and MESSAGE_FEED_URL default to DATABASE_URL. Throws ConfigError. */
export const readMailerConfig = (env: NodeJS.ProcessEnv): MailerConfig => {
  const { DATABASE_URL } = env;
  const defaults = DATABASE_URL ? { EVENT_STORE_URL: DATABASE_URL, MESSAGE_FEED_URL: DATABASE_URL } : {};
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  return readConfig(Settings, { ...defaults, ...given });
};
