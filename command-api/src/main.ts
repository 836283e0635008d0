import { availableParallelism } from 'node:os';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { postgresMinuteMarks } from '@rollbook/shared/event-log/postgres/minute-marks';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { listen } from '@rollbook/shared/http/server';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { watchEndings } from '@rollbook/shared/person/watch-endings';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
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
import { commandApp } from './app.ts';
import { commandPorts } from './command-ports.ts';
import { readCommandApiConfig } from './config.ts';
import { postgresCredentialLimits } from './credential-limits/postgres-credential-limits.ts';
import { postgresSignInRefusals } from './credential-limits/postgres-sign-in-refusals.ts';
import { bcryptHash } from './password/bcrypt-hash.ts';
import { sharpEncoder } from './picture/sharp-encoder.ts';
import { tidyPictures } from './picture/tidy-pictures.handle.ts';
import { sweepHourly } from './safe-retry/sweep-hourly.ts';
import { postgresStoppedThings } from './operations/redrive/postgres-stopped-things.ts';
import { postgresStoredAnswers } from './safe-retry/postgres-stored-answers.ts';
import { reportEveryMinute } from './session/failed-sign-in/report-refused-sign-ins.handle.ts';
import { finishErasuresHourly } from './user/erase-user/finish-erasures.handle.ts';
import { forgetErased } from './user/erase-user/forget-erased.handle.ts';
import { postgresForget } from './user/erase-user/postgres-forget.ts';
import { postgresSweepProgress } from './user/expire-registration/postgres-sweep-progress.ts';
import { sweepRegistrationsHourly } from './user/expire-registration/sweep-registrations.handle.ts';
import { prepareLog } from './start/prepare-log.ts';

/** What a test, or the small profile, puts in the place of the real parts. */
export interface CommandApiOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly store?: EventStore;
  /** One count for all services of this process, in the place of one that is settled with other processes. */
  readonly requestLimits?: RequestLimits;
}

/** ms to wait for a free connection: a burst of registrations is no sign of a database that is gone. */
const TURN_LIMIT = 5_000;

/** libuv's pool has four threads; two stay free for files and name look-ups. */
const MOST_LANES = 2;

/**
 * Starts command-api: checks the keys against the log, makes the first administrator while there is none, listens.
 * Throws ConfigError (78) for wrong settings and for keys that do not match the log, StartError for a taken port.
 */
export const start = async (env: NodeJS.ProcessEnv, overrides: CommandApiOverrides = {}): Promise<Running> => {
  const config = readCommandApiConfig(env);
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  const logger = overrides.logger ?? createLogger({ service: 'command-api', level: config.LOG_LEVEL });
  const telling =
    (sentence: string) =>
    (fault: unknown): void =>
      logger.error({ err: fault }, sentence);

  const applicationName = 'rollbook command-api';
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName,
    max: 6,
    connectTimeout: TURN_LIMIT,
    onError: telling('A connection to the database broke'),
  });
  const store =
    overrides.store ??
    (await connectEventStore({
      url: config.EVENT_STORE_URL,
      clock,
      random,
      applicationName,
      nodeEnv: config.NODE_ENV,
      onFault: telling('The event log does not answer as it should'),
    }));
  const table = new PostgresKeyRing({ pool, masterKeys: new MasterKeys(config.MASTER_KEY, random), random });
  const keys = new CachedKeyRing({ ring: table, clock });
  const answers = postgresStoredAnswers(pool);
  const limits = postgresCredentialLimits(pool, config.RATE_LIMIT_CREDENTIALS_PER_HOUR, config.DIGEST_KEY);
  const requests = connectRequestLimits({
    ofProcess: overrides.requestLimits,
    ...{ config, pool, clock },
    onFault: telling('Counts of requests could not be settled: this instance counts by itself'),
  });
  const close = async (): Promise<void> => {
    keys.close();
    if (!overrides.store) await store.close();
    await pool.end();
  };

  try {
    const marks = postgresMinuteMarks(pool);
    const endings = watchEndings({
      store,
      clock,
      marks,
      accessTtl: config.ACCESS_TOKEN_TTL * SECOND,
      others: [requests.counter.erasures],
      onFault: telling('What ends sessions cannot be followed for the moment: the log is asked each time'),
    });
    const erasedKeys = new ErasedKeys({
      store,
      keys,
      clock,
      onFault: telling('The keys of the erased could not be looked through; that is tried again in a second'),
    });
    const health = {
      event_log: async () => {
        await store.end();
      },
      database: async () => {
        await pool.query('select 1');
      },
      session_endings: () => endings.watch.check(),
      erased_keys: () => erasedKeys.check(),
    };
    const log = sealedEventLog({ store, keys, clock, random });
    const tools = {
      ...{ slowHash: bcryptHash, encodePicture: sharpEncoder(), clock, random, logger, health },
      requestCounter: requests.counter,
    };
    const refusals = postgresSignInRefusals(pool);
    const pictures = await connectPictureStore({ bucket: config.PICTURE_STORE_URL, pool, clock });
    const stoppedThings = postgresStoppedThings(pool);
    const stores = { log, keys, keyIds: table, answers, limits, refusals, stoppedThings, pictures };
    const adapters = { ...stores, ...tools, recentEndings: endings };
    const lanes = Math.min(MOST_LANES, availableParallelism());
    const ports = commandPorts(config, adapters, lanes);
    await prepareLog(ports, config, random);
    const server = await listen(commandApp(config, adapters, ports), {
      host: config.HOST,
      port: config.PORT,
      clock,
      random,
    });
    const stopping = new AbortController();
    const { signal } = stopping;
    const onSweeping = telling('What a working table keeps no longer could not be removed; tried again in a minute');
    const onReporting = telling('Refused sign-ins could not be recorded; that is tried again in a minute');
    const onFinishing = telling('An erasure could not be finished; that is tried again within an hour');
    const onExpiring = telling('Pending registrations could not be expired; that is tried again in a minute');
    const onTidying = telling('Pictures that are left over could not be deleted; that is tried again in a minute');
    const onForgetting = telling('The erased could not be taken out of the working tables; tried again in a second');
    const working = Promise.all([
      endings.watch.run(signal),
      erasedKeys.run(signal),
      sweepHourly(answers, clock, onSweeping, signal),
      sweepHourly(limits, clock, onSweeping, signal),
      reportEveryMinute(ports, onReporting, signal),
      finishErasuresHourly(ports, onFinishing, signal),
      sweepRegistrationsHourly(ports, postgresSweepProgress(pool), onExpiring, signal),
      tidyPictures(ports, onTidying, signal),
      requests.run(signal),
      forgetErased({ log, clock, forget: postgresForget(pool) }, onForgetting, signal),
    ]);
    return running({ http: server.url }, async () => {
      stopping.abort();
      await Promise.all([server.close(), working]);
      ports.unknownNames.flush();
      await close();
    });
  } catch (fault) {
    await close();
    throw fault;
  }
};

if (import.meta.main) await runService('command-api', start);
