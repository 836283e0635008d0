import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { postgresMinuteMarks } from '@rollbook/shared/event-log/postgres/minute-marks';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { listen } from '@rollbook/shared/http/server';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { watchEndings } from '@rollbook/shared/person/watch-endings';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { requireMatchingKeys } from '@rollbook/shared/personal-data/key-checks';
import { ErasedKeys } from '@rollbook/shared/personal-data/erased-keys';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { connectPictureStore } from '@rollbook/shared/pictures/connect-picture-store';
import { createLogger, type Logger } from '@rollbook/shared/process/logger';
import { runService } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { connectRequestLimits } from '@rollbook/shared/request-limits/connect-request-limits';
import type { RequestLimits } from '@rollbook/shared/request-limits/request-limits';
import { createPool } from '@rollbook/shared/sql/pool';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { Cursors } from '@rollbook/shared/tokens/cursors';
import { ApiKeyUses } from './api-key-uses/api-key-uses.ts';
import { postgresApiKeyUses } from './api-key-uses/postgres-api-key-uses.ts';
import { buildQueryApp } from './app.ts';
import { readQueryConfig } from './config.ts';

/** What a test, or the small profile, puts in the place of the real parts. */
export interface QueryApiOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly store?: EventStore;
  /** One count for all services of this process, in the place of one that is settled with other processes. */
  readonly requestLimits?: RequestLimits;
}

/** Most time for one statement on the read model, in milliseconds. */
const STATEMENT_MS = 3_000;

/**
 * Starts query-api: checks its key against the log, then listens. Throws ConfigError (78) for wrong settings and for a
 * key that does not match the log, StartError for a taken port.
 */
export const start = async (env: NodeJS.ProcessEnv, overrides: QueryApiOverrides = {}): Promise<Running> => {
  const config = readQueryConfig(env);
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  const log = overrides.logger ?? createLogger({ service: 'query-api', level: config.LOG_LEVEL });
  const onError = (fault: unknown): void => {
    log.error({ err: fault }, 'A connection to the database broke');
  };
  const onWatch = (fault: unknown): void => {
    log.error({ err: fault }, 'What ends sessions cannot be followed for the moment: the log is asked each time');
  };
  const onCounts = (fault: unknown): void => {
    log.error({ err: fault }, 'Counts of requests could not be settled: this instance counts by itself');
  };

  const applicationName = 'rollbook query-api';
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName,
    max: 10,
    statementTimeout: STATEMENT_MS,
    onError,
  });
  const store =
    overrides.store ??
    (await connectEventStore({
      url: config.EVENT_STORE_URL,
      clock,
      random,
      applicationName,
      nodeEnv: config.NODE_ENV,
      onFault: onError,
    }));
  const table = new PostgresKeyRing({ pool, masterKeys: new MasterKeys(config.MASTER_KEY, random), random });
  const keys = new CachedKeyRing({ ring: table, clock });
  const requests = connectRequestLimits({ ofProcess: overrides.requestLimits, config, pool, clock, onFault: onCounts });
  const close = async (): Promise<void> => {
    keys.close();
    if (!overrides.store) await store.close();
    await pool.end();
  };

  try {
    const eventLog = sealedEventLog({ store, keys, clock, random });
    await requireMatchingKeys(eventLog, { masterKeys: config.MASTER_KEY });
    const marks = postgresMinuteMarks(pool);
    const accessTtl = config.ACCESS_TOKEN_TTL * 1_000;
    const endings = watchEndings({
      ...{ store, clock, marks, accessTtl },
      others: [requests.counter.erasures],
      onFault: onWatch,
    });
    const uses = new ApiKeyUses({ table: postgresApiKeyUses(pool), clock, onFault: onError });
    const erasedKeys = new ErasedKeys({ store, keys, clock, onFault: onError });
    const app = buildQueryApp({
      eventLog,
      store,
      erasedKeys,
      recentEndings: endings,
      accessTtl,
      onApiKeyUse: (keyId) => {
        uses.note(keyId);
      },
      pool,
      keys,
      pictures: await connectPictureStore({ bucket: config.PICTURE_STORE_URL, pool, clock }),
      clock,
      random,
      log,
      consistencyTokens: new ConsistencyTokens(config.MASTER_KEY),
      cursors: new Cursors(config.MASTER_KEY, random),
      tokenKeys: config.TOKEN_PUBLIC_KEYS,
      receiptKeys: config.RECEIPT_PUBLIC_KEYS,
      notaryKeys: config.NOTARY_PUBLIC_KEYS,
      tokenRules: { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE },
      trustProxy: config.TRUST_PROXY,
      corsOrigins: config.CORS_ORIGINS,
      requestCounter: requests.counter,
    });
    const server = await listen(app, { host: config.HOST, port: config.PORT, clock, random });
    const stopping = new AbortController();
    const { signal } = stopping;
    const working = [erasedKeys.run(signal), endings.watch.run(signal), uses.run(signal), requests.run(signal)];
    return running({ http: server.url }, async () => {
      await server.close();
      stopping.abort();
      await Promise.all(working);
      await close();
    });
  } catch (fault) {
    await close();
    throw fault;
  }
};

if (import.meta.main) await runService('query-api', start);
