import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { createLogger } from '@rollbook/shared/process/logger';
import type { Running } from '@rollbook/shared/process/running';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { start, type ProjectorOverrides } from '../../projector/src/main.ts';
import { until } from './feed-audience.ts';
import { createDatabase } from './postgres.ts';

const notaryKeys = (): string =>
  `k1:${generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')}`;

/** A database with a log (or with one elsewhere), keys and any number of projectors on it. */
export const projectorRig = async ({ eventStoreUrl }: { readonly eventStoreUrl?: string } = {}) => {
  const database = await createDatabase();
  const secret = randomBytes(32);
  const pool: Pool = createPool({ url: database.url, applicationName: 'test', onError: () => undefined });
  const logUrl = eventStoreUrl ?? database.url;
  const store = await connectEventStore({ url: logUrl, clock: systemClock, random: systemRandom, nodeEnv: 'test' });
  const masterKeys = new MasterKeys([{ id: 'm1', secret }], systemRandom);
  const keys = new PostgresKeyRing({ pool, masterKeys, random: systemRandom });
  const log = sealedEventLog({ store, keys, clock: systemClock, random: systemRandom });
  const env = {
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: database.url,
    EVENT_STORE_URL: logUrl,
    MESSAGE_FEED_URL: database.url,
    MASTER_KEY: `m1:${secret.toString('base64')}`,
    NOTARY_PRIVATE_KEYS: notaryKeys(),
    LOG_LEVEL: 'silent',
  };
  const logger = createLogger({ service: 'projector', level: 'silent' });
  const started: Running[] = [];
  const children: ChildProcess[] = [];

  const one = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row | undefined> =>
    (await pool.query<Row>(text, values)).rows[0];

  return {
    database,
    pool,
    store,
    keys,
    log,
    env,
    one,
    /** A projector in this process. */
    async project(overrides: ProjectorOverrides = {}): Promise<Running> {
      const projector = await start(env, { logger, ...overrides });
      started.push(projector);
      return projector;
    },
    /** A projector in a process of its own, to be killed. */
    spawn(): ChildProcess {
      const main = join(import.meta.dirname, '../../projector/src/main.ts');
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      children.push(child);
      return child;
    },
    positionOf: async (name: string): Promise<string | null> =>
      (await one<{ position: string }>('select position from read_model.projections where name = $1', [name]))
        ?.position ?? null,
    /** Waits until these followers stand at the log's end. */
    async caughtUp(...names: readonly string[]): Promise<void> {
      const end = await store.end();
      for (const name of names)
        await until(`${name} stands at the log's end`, async () => {
          const row = await one<{ position: string }>('select position from read_model.projections where name = $1', [
            name,
          ]);
          // A log may have records of its own, beyond the last event.
          return (row?.position ?? '') >= (end ?? '');
        });
    },
    userRow: (id: string) =>
      one<Record<string, unknown>>('select * from read_model.user_directory where id = $1', [id]),
    async close(): Promise<void> {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(started.map((projector) => projector.stop()));
      await store.close();
      await pool.end();
      await database.drop();
    },
  };
};

export type ProjectorRig = Awaited<ReturnType<typeof projectorRig>>;
