import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { buildApp } from '@rollbook/shared/http/build-app';
import { listen } from '@rollbook/shared/http/server';
import { SECOND } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { connectMessageFeed } from '@rollbook/shared/message-feed/connect-message-feed';
import { requireMatchingKeys } from '@rollbook/shared/personal-data/key-checks';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { ErasedKeys } from '@rollbook/shared/personal-data/erased-keys';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { createLogger } from '@rollbook/shared/process/logger';
import { runService } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { createPool } from '@rollbook/shared/sql/pool';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { readMailerConfig } from './config.ts';
import { actOnRedrives } from './dead-letters/act-on-redrives.handle.ts';
import { postgresRedriveRequests } from './dead-letters/postgres-redrive-requests.ts';
import { postgresDeliveries } from './deliver-mail/postgres-deliveries.ts';
import { runMailer } from './deliver-mail/run-mailer.ts';
import { smtpTransport } from './deliver-mail/smtp-transport.ts';
import { MAILER_GROUP } from './mailer-group.ts';
import { loadTemplates } from './mails/load-template.ts';
import { MailWriter } from './mails/mail-writer.ts';

/** What a test may replace. */
export interface MailerOverrides {
  readonly clock?: typeof systemClock;
  readonly random?: typeof systemRandom;
  /** Longest time of one attempt at a mail, in ms. */
  readonly smtpTimeoutMs?: number;
}

/** Starts the mailer. Throws ConfigError for wrong settings and StartError for a port that cannot be had. */
export async function start(env: NodeJS.ProcessEnv, overrides: MailerOverrides = {}): Promise<Running> {
  const config = readMailerConfig(env);
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  const logger = createLogger({ service: 'mailer-worker', level: config.LOG_LEVEL });
  const onFault = (what: string, fault: unknown): void => {
    logger.error({ err: fault, what }, 'A fault that is survived');
  };
  const templates = await loadTemplates();

  const applicationName = 'rollbook mailer-worker';
  const feed = await connectMessageFeed({
    url: config.MESSAGE_FEED_URL,
    clock,
    applicationName,
    onFault: (fault) => {
      onFault('feed', fault);
    },
    onStalled: (fault) => {
      logger.fatal({ err: fault }, 'The feed stands still; only a fresh process helps');
      process.exit(1);
    },
  });
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName,
    max: 4,
    onError: (fault) => {
      onFault('database', fault);
    },
  });
  const store = await connectEventStore({
    url: config.EVENT_STORE_URL,
    clock,
    random,
    applicationName,
    nodeEnv: config.NODE_ENV,
    onFault: (fault) => {
      onFault('log', fault);
    },
  });
  const masterKeys = new MasterKeys(config.MASTER_KEY, random);
  const keys = new CachedKeyRing({ ring: new PostgresKeyRing({ pool, masterKeys, random }), clock });
  const log = sealedEventLog({ store, keys, clock, random });
  const links = new LinkTokens(config.LINK_KEYS, config.PENDING_TTL * SECOND);
  const erasedKeys = new ErasedKeys({
    store,
    keys,
    clock,
    onFault: (fault) => {
      onFault('erased keys', fault);
    },
  });
  const deliveries = postgresDeliveries(pool);
  const transport = smtpTransport({
    url: config.SMTP_URL,
    from: config.MAIL_FROM,
    ...(overrides.smtpTimeoutMs === undefined ? {} : { timeoutMs: overrides.smtpTimeoutMs }),
  });
  const writer = new MailWriter({
    templates,
    links,
    publicUrl: config.PUBLIC_URL,
    portals: config.PORTALS,
    messageHost: new URL(config.PUBLIC_URL).hostname,
  });

  const closeParts = async (): Promise<void> => {
    await Promise.all([feed.close(), store.close()]);
    keys.close();
    await pool.end();
  };
  const open = async () => {
    await requireMatchingKeys(log, { masterKeys: config.MASTER_KEY });
    // Without the mail server it is ready all the same: mails wait in the inbox until it is back.
    const checks = {
      database: () => deliveries.ping(),
      feed: () => feed.ping(),
      event_log: async () => {
        await store.end();
      },
      erased_keys: () => erasedKeys.check(),
    };
    const app = buildApp({ endpoints: [], health: checks, clock, random, log: logger });
    return listen(app, { host: config.HOST, port: config.PORT, clock, random });
  };
  const health = await open().catch(async (fault: unknown) => {
    await closeParts();
    throw fault;
  });
  const mailer = runMailer({
    deliveries,
    keys,
    log,
    feed,
    links,
    writer,
    transport,
    clock,
    random,
    group: MAILER_GROUP,
    onOutcome: ({ eventId, kind, attempt }, outcome, reason) => {
      const level = outcome === 'sent' ? 'info' : outcome === 'dead' ? 'error' : 'warn';
      logger[level]({ event_id: eventId, kind, attempt, outcome, reason }, 'A mail');
    },
    onFault,
  });

  const stopping = new AbortController();
  const sweeping = erasedKeys.run(stopping.signal);
  const redriving = actOnRedrives(
    {
      store,
      feed,
      requests: postgresRedriveRequests(pool),
      clock,
      group: MAILER_GROUP,
      onActed: (eventId, mails) => {
        logger.info({ event_id: eventId, mails }, 'Dead letters are tried again');
      },
      onFault: (fault) => {
        onFault('redrives', fault);
      },
    },
    stopping.signal,
  );

  return running({ http: health.url }, async () => {
    stopping.abort();
    await health.close(500);
    // One that waits for a broker's dead letters has written nothing yet, and is made again.
    await Promise.all([mailer.stop(), sweeping, Promise.race([redriving, clock.sleep(SECOND)])]);
    await closeParts();
  });
}

if (import.meta.main) await runService('mailer-worker', (env) => start(env));
