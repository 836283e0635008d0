import { randomUUID } from 'node:crypto';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { start as startGateway } from '../../deploy/gateway/main.ts';
import { start as startMailer } from '../../mailer-worker/src/main.ts';
import type { SealingRule } from '../../projector/src/notary/due.decide.ts';
import { start as startProjector } from '../../projector/src/main.ts';
import { start as startQueryApi } from '../../query-api/src/main.ts';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { createTopics } from '@rollbook/shared/message-feed/kafka/topics';
import type { Running } from '@rollbook/shared/process/running';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { startEventStoreNode } from './eventstore-node/node.ts';
import { testKafka } from './kafka.ts';
import { differences } from './differences.ts';
import { createDatabase } from './postgres.ts';
import { startSmtpServer, type TestSmtpServer } from './smtp.ts';
import { openDoor } from './tcp-door.ts';
import { testSecrets } from './test-secrets.ts';
import { watchTrail } from './trail/watch-trail.ts';
import './watch-feed.ts';

export const ADMIN = { email: 'admin@example.org', password: 'First-Admin-7-rules' };

/** `ROLLBOOK_PROFILE`: what every journey runs on. `npm test` runs the same files on both. */
export const ROLLBOOK_PROFILES = ['small', 'large'] as const;
export type Profile = (typeof ROLLBOOK_PROFILES)[number];

/** Where the log and the feed of a profile are. */
interface Surroundings {
  readonly EVENT_STORE_URL: string;
  readonly MESSAGE_FEED_URL: string;
  readonly end: () => Promise<void>;
}

/**
 * Small: tables of the database. Large: the node for tests, since a journey wants a log of its own, and Kafka with
 * topics of its own; where there can be no Kafka, tables again.
 */
const surroundingsOf = async (profile: Profile, databaseUrl: string): Promise<Surroundings> => {
  if (profile === 'small')
    return { EVENT_STORE_URL: databaseUrl, MESSAGE_FEED_URL: databaseUrl, end: () => Promise.resolve() };
  const [node, kafka] = await Promise.all([startEventStoreNode(), testKafka()]);
  const feed = kafka === null ? databaseUrl : `kafka://${kafka}?prefix=j${randomUUID().slice(0, 8)}.`;
  if (kafka !== null)
    await createTopics(feed, { replication: 1, minInSyncReplicas: 1, groups: ['mailer-worker'] }, systemClock);
  return { EVENT_STORE_URL: node.connectionString, MESSAGE_FEED_URL: feed, end: () => node.stop() };
};

/** A whole Rollbook: five services on loopback over one database, and a mail server. */
export interface TestRollbook {
  /** The gateway, without a trailing `/`. */
  readonly url: string;
  readonly databaseUrl: string;
  /** The log, read behind the services' back. */
  readonly store: EventStore;
  readonly env: Readonly<Record<string, string>>;
  /** Only when asked for. */
  readonly logDoor: LogDoor | null;
  readonly smtp: TestSmtpServer;
  readonly services: Readonly<Record<string, Running>>;
  stop(): Promise<void>;
}

/** A door between the services and the log. Shut, nobody listens there. */
export interface LogDoor {
  /** The log's URL by way of the door. */
  readonly url: string;
  shut(): Promise<void>;
  /** Connections stay, and nothing comes through any more. */
  silence(): void;
  open(): Promise<void>;
}

const doorBefore = async (url: string): Promise<LogDoor> => {
  const port = /:(\d+)/.exec(new URL(url).host)?.[1] ?? '';
  const door = await openDoor(0);
  await door.lead(Number(port));
  const through = url.replace(`:${port}`, `:${String(door.port)}`);
  return {
    url: through,
    shut: () => door.close(),
    silence: () => door.freeze(true),
    open: () => door.lead(Number(port)),
  };
};

const asFault = (fault: unknown): Error => (Error.isError(fault) ? fault : new Error(String(fault)));

/**
 * Starts it with cheap hashes and the given settings on top. With `logDoor`, the services reach the log through a
 * door; with `sealing`, checkpoints are signed by that rule.
 */
export const startRollbook = async (
  settings: Readonly<Record<string, string>> = {},
  { logDoor = false, sealing }: { readonly logDoor?: boolean; readonly sealing?: SealingRule } = {},
): Promise<TestRollbook> => {
  const profile = ROLLBOOK_PROFILES.find((known) => known === process.env['ROLLBOOK_PROFILE']) ?? 'small';
  const [database, smtp] = await Promise.all([createDatabase(), startSmtpServer()]);
  const { end, ...urls } = await surroundingsOf(profile, database.url);
  const door = logDoor ? await doorBefore(urls.EVENT_STORE_URL) : null;
  const env: Record<string, string> = {
    ...testSecrets(),
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.url,
    ...urls,
    EVENT_STORE_URL: door?.url ?? urls.EVENT_STORE_URL,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Rollbook <no-reply@example.org>',
    PUBLIC_URL: 'http://127.0.0.1:8000',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'error',
    TRUST_PROXY: 'loopback',
    RATE_LIMIT_PER_HOUR: '0',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
    RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
    ...settings,
  };
  // As `npm start` does it. The copies of the large profile settle their counts.
  const limits = profile === 'small' ? { requestLimits: memoryRequestLimits() } : {};
  const [commandApi, queryApi, projector, mailer] = await Promise.all([
    startCommandApi(env, limits),
    startQueryApi(env, limits),
    startProjector(env, sealing ? { sealing } : {}),
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
  const store = await connectEventStore({
    url: urls.EVENT_STORE_URL,
    clock: systemClock,
    random: systemRandom,
    nodeEnv: 'test',
  });
  const trail = watchTrail({ url: commandApi.addresses['http'] ?? '', env, store });
  const services = { gateway, commandApi, queryApi, projector, mailer };
  return {
    url: gateway.addresses['http'] ?? '',
    databaseUrl: database.url,
    store,
    logDoor: door,
    env,
    smtp,
    services,
    async stop() {
      await gateway.stop();
      await Promise.all([commandApi.stop(), queryApi.stop(), mailer.stop()]);
      // What is missing in the trail fails the journey, once all is shut down.
      const faults = [await trail.requireIndex(projector.addresses['http'] ?? '').catch(asFault)];
      await projector.stop();
      faults.push(await trail.requireEvents().catch(asFault));
      await store.close();
      await end();
      await door?.shut();
      await smtp.close();
      await database.drop();
      for (const fault of faults) if (fault) throw fault;
      // After the last test nobody else looks.
      if (differences.length > 0) throw new Error(differences.splice(0).join('\n'));
    },
  };
};
