import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { startFile, type TestProcess } from './child-process.ts';
import { until } from './feed-audience.ts';
import { kafkaRig, type KafkaRig } from './kafka-rig.ts';
import { createDatabase } from './postgres.ts';
import { ADMIN } from './rollbook.ts';
import { startSmtpServer, type TestSmtpServer } from './smtp.ts';
import { testSecrets } from './test-secrets.ts';

/** What the processes of the large profile stand on, and the settings that lead them there. */
export interface LargeSurroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  /** Where the node for tests keeps the log. */
  readonly folder: string;
  readonly store: EventStore;
  readonly smtp: TestSmtpServer;
  readonly feed: KafkaRig;
  end(): Promise<void>;
}

/** The node for tests as a process of its own, topics on the broker, a database and a mail server. */
export const largeSurroundings = async (broker: string): Promise<LargeSurroundings> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-large-'));
  const node: TestProcess = startFile('test/support/eventstore-node/main.ts', [
    ...['--port', '0'],
    ...['--file', join(folder, 'log.jsonl')],
  ]);
  const [database, smtp, feed] = await Promise.all([
    createDatabase(),
    startSmtpServer(),
    kafkaRig(broker, ['mailer-worker']),
    until('the node told its port', () => /^\d+\n/.test(node.said())),
  ]);
  const url = `esdb://127.0.0.1:${node.said().trim()}?tls=false`;
  const store = await connectEventStore({ url, clock: systemClock, random: systemRandom, nodeEnv: 'test' });
  return {
    env: {
      ...testSecrets(),
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      EVENT_STORE_URL: url,
      MESSAGE_FEED_URL: feed.url,
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Rollbook <no-reply@example.org>',
      PUBLIC_URL: 'http://127.0.0.1:8000',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      BCRYPT_COST: '4',
      RATE_LIMIT_PER_HOUR: '0',
      RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
      RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
    },
    databaseUrl: database.url,
    folder,
    store,
    smtp,
    feed,
    async end() {
      await store.close();
      await node.stop();
      await Promise.all([feed.close(), smtp.close(), rm(folder, { recursive: true })]);
      await database.drop();
    },
  };
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => {
      done(false);
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        done(true);
      });
    });
  });

/** The first of so many ports in a row that nobody had a moment ago, below those that the system gives out. */
export const freeRow = async (count: number): Promise<number> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    const row = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (row.every(Boolean)) return first;
  }
  throw new Error(`There are no ${count} free ports in a row`);
};
