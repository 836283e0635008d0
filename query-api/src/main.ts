import type { Logger } from 'pino';
import { PostgresEventStore } from '@rollbook/shared/event-log/postgres/postgres-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { listen } from '@rollbook/shared/http/server';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { ConfigError } from '@rollbook/shared/process/config';
import { createLogger } from '@rollbook/shared/process/logger';
import { runService } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { createPool } from '@rollbook/shared/sql/pool';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { buildQueryApp } from './app.ts';
import { readQueryConfig, type QueryConfig } from './config.ts';

/** Parts that a caller brings along; it also closes them. */
export interface QueryOverrides {
  readonly store?: EventStore;
  readonly logger?: Logger;
}

const openStore = ({ EVENT_STORE_URL }: QueryConfig): EventStore => {
  if (EVENT_STORE_URL.startsWith('esdb:')) throw new ConfigError('EVENT_STORE_URL: esdb:// is not supported yet.');
  return new PostgresEventStore({
    url: EVENT_STORE_URL,
    clock: systemClock,
    random: systemRandom,
    applicationName: 'query-api log',
  });
};

/** Starts query-api. Throws ConfigError or StartError with a sentence for the person who starts it. */
export async function start(env: NodeJS.ProcessEnv, overrides: QueryOverrides = {}): Promise<Running> {
  const config = readQueryConfig(env);
  const log = overrides.logger ?? createLogger({ service: 'query-api', level: config.LOG_LEVEL });
  const onError = (fault: unknown): void => {
    log.warn({ err: fault }, 'A database connection broke');
  };
  const [clock, random] = [systemClock, systemRandom];
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'query-api',
    max: 20,
    statementTimeout: 3_000,
    onError,
  });
  const store = overrides.store ?? openStore(config);
  const masterKeys = new MasterKeys(config.MASTER_KEY, random);
  const keys = new CachedKeyRing({ ring: new PostgresKeyRing({ pool, masterKeys, random }), clock });
  const app = buildQueryApp({
    eventLog: sealedEventLog({ store, keys, clock, random }),
    pool,
    clock,
    random,
    log,
    consistencyTokens: new ConsistencyTokens(config.MASTER_KEY),
    tokenKeys: config.TOKEN_PUBLIC_KEYS,
    tokenRules: { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE },
    trustProxy: config.TRUST_PROXY,
  });
  const closeParts = async (): Promise<void> => {
    if (overrides.store === undefined) await store.close();
    await pool.end();
  };
  try {
    const server = await listen(app, { host: config.HOST, port: config.PORT, clock, random });
    return running({ http: server.url }, async () => {
      await server.close();
      await closeParts();
    });
  } catch (fault) {
    await closeParts();
    throw fault;
  }
}

if (import.meta.main) await runService('query-api', start);
