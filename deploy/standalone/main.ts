import { ADMIN_ROSTER } from '@rollbook/shared/contracts/streams';
import { PostgresEventStore } from '@rollbook/shared/event-log/postgres/postgres-event-store';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { createLogger } from '@rollbook/shared/process/logger';
import { runService } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { LOG_LEVELS } from '@rollbook/shared/process/settings';
import { start as startGateway } from '../gateway/main.ts';
import { banner } from './banner.ts';
import { readStandaloneConfig } from './config.ts';
import { provideFirstAdmin } from './first-admin.ts';
import { forgetFirstAdmin } from './forget-first-admin.ts';
import { freePort } from './free-port.ts';
import { HELP } from './help.ts';
import { forgetErased } from './inbox/forget-erased.ts';
import { inboxListener } from './inbox/inbox-listener.ts';
import { Inbox } from './inbox/inbox.ts';
import { startSmtpInbox } from './inbox/smtp-inbox.ts';
import { lockDataDir } from './lock.ts';
import { openDataDir } from './open-data-dir.ts';
import { openDatabase } from './open-database.ts';
import { provideSecrets } from './secrets.ts';
import { removeServicesFile, writeServicesFile } from './services-file.ts';
import { startServices } from './start-services.ts';
import { Undo } from './undo.ts';
import { untilReady } from './until-ready.ts';

export interface StandaloneHooks {
  /** Shows text to the person who started it. */
  readonly say: (text: string) => void;
  /** PostgreSQL has ended under us, and everything else was stopped. */
  readonly onLost: (sentence: string) => void;
}

/**
 * Starts the whole small profile in this process: PostgreSQL, the four services, the gateway and the inbox. Throws
 * StartError (ConfigError for wrong settings) with a sentence; then nothing is left running.
 */
export async function start(given: NodeJS.ProcessEnv, hooks: StandaloneHooks): Promise<Running> {
  // An empty variable counts as one that is not set, so it must not stand before a default.
  const env = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const config = readStandaloneConfig(env);
  const { HOST, DATA_DIR: dataDir } = config;
  const logger = createLogger({ service: 'standalone', level: config.LOG_LEVEL });
  const onFault = (fault: unknown): void => {
    logger.error({ err: fault }, 'A fault that is survived');
  };
  // Everything that was started, newest last; stopping goes backwards.
  const undo = new Undo();
  try {
    await openDataDir(dataDir);
    const lock = await lockDataDir(dataDir);
    undo.add(() => lock.release());
    await removeServicesFile(dataDir);
    const port = await freePort(HOST, config.PORT);
    const gatewayUrl = `http://${HOST === '127.0.0.1' ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST}:${String(port)}`;

    const database = await openDatabase({
      dataDir,
      url: config.DATABASE_URL,
      logger,
      onLost: (how) => {
        const sentence = `PostgreSQL ended ${how}; stopping. Start again: it recovers by itself.`;
        void undo.run(2_000).then(() => {
          hooks.onLost(sentence);
        });
      },
    });
    undo.add(() => database.stop());
    const abandon = (): void => {
      database.abandon();
    };
    process.once('exit', abandon);
    undo.add(() => {
      process.off('exit', abandon);
    });
    const store = new PostgresEventStore({ url: env['EVENT_STORE_URL'] ?? database.url, clock, random, readers: 1 });
    undo.add(() => store.close());

    const secrets = await provideSecrets(dataDir, env, async () => (await store.end()) === null);
    const rosterIsEmpty = (await store.read(ADMIN_ROSTER, { limit: 1 })).length === 0;
    const admin = rosterIsEmpty && config.ADMIN_EMAIL === undefined ? await provideFirstAdmin(dataDir) : null;

    const inbox = config.SMTP_URL === undefined ? new Inbox() : null;
    const smtp = inbox && (await startSmtpInbox(inbox, clock));
    if (smtp) undo.add(() => smtp.close());
    if (inbox) {
      const stopping = new AbortController();
      const forgetting = forgetErased({ store, inbox, clock, onFault }, stopping.signal);
      undo.add(async () => {
        stopping.abort();
        await forgetting;
      });
    }
    const forgettingAdmin = new AbortController();
    const adminForgotten = forgetFirstAdmin({ dataDir, store, clock, onFault }, forgettingAdmin.signal);
    undo.add(async () => {
      forgettingAdmin.abort();
      await adminForgotten;
    });
    const smtpUrl = config.SMTP_URL ?? smtp?.url ?? '';

    const services = await startServices({
      EVENT_STORE_URL: database.url,
      MESSAGE_FEED_URL: database.url,
      ...(inbox ? { MAIL_FROM: 'Rollbook <no-reply@rollbook.localhost>' } : {}),
      PUBLIC_URL: gatewayUrl,
      ...(admin ? { ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password } : {}),
      ...env,
      ...secrets,
      LOG_LEVEL: config.LOG_LEVEL,
      DATABASE_URL: database.url,
      SMTP_URL: smtpUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      TRUST_PROXY: 'loopback',
    });
    undo.add(() => services.stop());
    const { addresses } = services;
    const gateway = await startGateway(
      {
        HOST,
        PORT: String(port),
        COMMAND_API_URL: addresses.command_api,
        QUERY_API_URL: addresses.query_api,
        PROJECTOR_URL: addresses.projector,
        MAILER_URL: addresses.mailer,
        TRUST_PROXY: env['TRUST_PROXY'],
        CORS_ORIGINS: env['CORS_ORIGINS'],
        LOG_LEVEL: config.LOG_LEVEL,
      },
      inbox ? { devInbox: inboxListener(inbox, { clock, random }) } : {},
    );
    undo.add(() => gateway.stop());

    // The read model first: query-api is ready only when it is.
    await untilReady(addresses.projector, clock);
    for (const url of [addresses.mailer, addresses.command_api, addresses.query_api]) await untilReady(url, clock);
    await writeServicesFile(dataDir, {
      gateway: gateway.addresses['http'] ?? '',
      ...addresses,
      database_url: database.url,
      smtp_url: smtpUrl,
      pids: { service: process.pid, postgres: database.pid },
    });
    undo.add(() => removeServicesFile(dataDir));
    const newAdmin = admin?.isNew ? admin : null;
    hooks.say(banner({ gateway: gatewayUrl, dataDir, inbox: inbox !== null, newAdmin }));
    return running({ gateway: gatewayUrl }, () => undo.run());
  } catch (fault) {
    await undo.run();
    throw fault;
  }
}

if (import.meta.main) {
  const hooks: StandaloneHooks = {
    say: (text) => void process.stdout.write(`${text}\n`),
    onLost: (sentence) => {
      process.stderr.write(`${sentence}\n`);
      process.exit(1);
    },
  };
  // The lines for people stand between few others.
  const level = process.env['LOG_LEVEL'] ?? 'warn';
  await runService('rollbook', (env) => start(env, hooks), {
    help: HELP,
    logger: createLogger({ service: 'rollbook', level: LOG_LEVELS.find((known) => known === level) ?? 'warn' }),
  });
}
