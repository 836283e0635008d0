import { start } from '../../command-api/src/main.ts';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { createPool } from '@rollbook/shared/sql/pool';
import { startEventStoreNode } from './eventstore-node/node.ts';
import { createDatabase } from './postgres.ts';
import { ADMIN, type Profile } from './rollbook.ts';
import { testSecrets } from './test-secrets.ts';

/** Copies of command-api over one log, and nothing else: no mail goes out, no key is destroyed. */
export interface CommandServices {
  readonly urls: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly store: EventStore;
  /** The log with personal data in the clear. */
  readonly log: EventLog;
  stop(): Promise<void>;
}

export const startCommandServices = async (profile: Profile, copies: number): Promise<CommandServices> => {
  const database = await createDatabase();
  const node = profile === 'large' ? await startEventStoreNode() : null;
  const env = {
    ...testSecrets(),
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.url,
    EVENT_STORE_URL: node?.connectionString ?? database.url,
    PUBLIC_URL: 'http://127.0.0.1:8000',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'error',
    ACCESS_TOKEN_TTL: '7200',
    RATE_LIMIT_PER_HOUR: '0',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
    RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
  };
  const services = await Promise.all(Array.from({ length: copies }, () => start(env)));
  const parts = { clock: systemClock, random: systemRandom };
  const store = await connectEventStore({ url: env.EVENT_STORE_URL, ...parts, nodeEnv: 'test' });
  const pool = createPool({ url: env.DATABASE_URL, applicationName: 'test', onError: () => undefined });
  const [id = '', secret = ''] = env.MASTER_KEY.split(':');
  const masterKeys = new MasterKeys([{ id, secret: Buffer.from(secret, 'base64') }], systemRandom);
  const keys = new PostgresKeyRing({ pool, masterKeys, random: systemRandom });
  return {
    urls: services.map(({ addresses }) => addresses['http'] ?? ''),
    env,
    store,
    log: sealedEventLog({ store, keys, ...parts }),
    stop: async () => {
      await Promise.all(services.map((service) => service.stop()));
      await store.close();
      await pool.end();
      await node?.stop();
      await database.drop();
    },
  };
};
