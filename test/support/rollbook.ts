import { start as startCommandApi } from '../../command-api/src/main.ts';
import { start as startGateway } from '../../deploy/gateway/main.ts';
import { start as startMailer } from '../../mailer-worker/src/main.ts';
import { start as startProjector } from '../../projector/src/main.ts';
import { start as startQueryApi } from '../../query-api/src/main.ts';
import type { Running } from '@rollbook/shared/process/running';
import { createDatabase } from './postgres.ts';
import { startSmtpServer, type TestSmtpServer } from './smtp.ts';
import { testSecrets } from './test-secrets.ts';

export const ADMIN = { email: 'admin@example.org', password: 'First-Admin-7-rules' };

/** A whole Rollbook: five services on loopback over one database, and a mail server. */
export interface TestRollbook {
  /** The gateway, without a trailing `/`. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly smtp: TestSmtpServer;
  readonly services: Readonly<Record<string, Running>>;
  stop(): Promise<void>;
}

/** Starts it with cheap hashes and the given settings on top. */
export const startRollbook = async (settings: Readonly<Record<string, string>> = {}): Promise<TestRollbook> => {
  const [database, smtp] = await Promise.all([createDatabase(), startSmtpServer()]);
  const env: Record<string, string> = {
    ...testSecrets(),
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.url,
    EVENT_STORE_URL: database.url,
    MESSAGE_FEED_URL: database.url,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Rollbook <no-reply@example.org>',
    PUBLIC_URL: 'http://127.0.0.1:8000',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'error',
    TRUST_PROXY: 'loopback',
    RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
    ...settings,
  };
  const [commandApi, queryApi, projector, mailer] = await Promise.all([
    startCommandApi(env),
    startQueryApi(env),
    startProjector(env),
    startMailer(env),
  ]);
  const gateway = await startGateway({
    ...env,
    TRUST_PROXY: '0',
    COMMAND_API_URL: commandApi.addresses['http'] ?? '',
    QUERY_API_URL: queryApi.addresses['http'] ?? '',
    PROJECTOR_URL: projector.addresses['http'] ?? '',
    MAILER_URL: mailer.addresses['http'] ?? '',
  });
  const services = { gateway, commandApi, queryApi, projector, mailer };
  return {
    url: gateway.addresses['http'] ?? '',
    databaseUrl: database.url,
    env,
    smtp,
    services,
    async stop() {
      await gateway.stop();
      await Promise.all([commandApi.stop(), queryApi.stop(), projector.stop(), mailer.stop()]);
      await smtp.close();
      await database.drop();
    },
  };
};
