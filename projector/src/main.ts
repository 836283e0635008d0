import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { postgresMinuteMarks } from '@rollbook/shared/event-log/postgres/minute-marks';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { buildApp } from '@rollbook/shared/http/build-app';
import { listen } from '@rollbook/shared/http/server';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { connectMessageFeed } from '@rollbook/shared/message-feed/connect-message-feed';
import type { MessageFeed } from '@rollbook/shared/message-feed/port';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { requireMatchingKeys } from '@rollbook/shared/personal-data/key-checks';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { createLogger, type Logger } from '@rollbook/shared/process/logger';
import { runService } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { createPool } from '@rollbook/shared/sql/pool';
import { AUDIT_INDEX, indexAudit } from './audit-index/audit-index.ts';
import { readProjectorConfig } from './config.ts';
import { destroyDayKeysHourly } from './destroy-keys/destroy-day-keys.ts';
import { destroyKeysOfErased } from './destroy-keys/destroy-keys.ts';
import { Progress } from './follow-in-turn/progress.ts';
import { markMinutes } from './minute-marks/mark-minutes.ts';
import { SEALING, type SealingRule } from './notary/due.decide.ts';
import { notarise } from './notary/notary.ts';
import { connectCheckpointSinks } from './notary/sinks/connect-checkpoint-sinks.ts';
import { projectInOrder, type ProjectOptions } from './project-in-order/project-in-order.ts';
import type { ReadModel } from './project-in-order/read-model.ts';
import { forgetInBuilds } from './rebuild/forget-in-builds.ts';
import { READ_MODELS } from './read-models.ts';
import { redriveParked, type RedriveOptions } from './redrive/redrive-parked.ts';
import { pruneFeedHourly } from './relay/prune-feed.ts';
import { relay } from './relay/relay.ts';
import { forgetInStatistics } from './erasures/forget-statistics.ts';

/** What a test, or the small profile, puts in the place of the real parts. */
export interface ProjectorOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly store?: EventStore;
  readonly feed?: MessageFeed;
  /** When a checkpoint is signed. */
  readonly sealing?: SealingRule;
}

/**
 * Most connections to the database at once: two for each read model (a transaction, and the keys of the page after it)
 * and one for each other part of `work`, sinks of checkpoints together as one. So whoever waits for a lock, or all of
 * them, takes no connection away from the others. They are opened only when they are wanted at the same time.
 */
const CONNECTIONS = 2 * READ_MODELS.length + 12;

/**
 * Starts the projector: read models, relay and the destroyer of keys, each led by one copy at a time. Ready when all
 * of them stand by or have reached the log's end. Throws ConfigError (78) for wrong settings and for a master key that
 * does not match the log, StartError for a taken port.
 */
export const start = async (env: NodeJS.ProcessEnv, overrides: ProjectorOverrides = {}): Promise<Running> => {
  const config = readProjectorConfig(env);
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  const logger = overrides.logger ?? createLogger({ service: 'projector', level: config.LOG_LEVEL });
  const onFault =
    (part: string) =>
    (fault: unknown): void =>
      logger.error({ err: fault, part }, 'A follower of the log met a fault and tries again');

  const applicationName = 'rollbook projector';
  // The relay only publishes, so nothing of it can stall unseen. A URL that is wrong is told before anything is opened.
  const feedParts = { clock, applicationName, onFault: onFault('feed'), onStalled: onFault('feed') };
  const feed = overrides.feed ?? (await connectMessageFeed({ url: config.MESSAGE_FEED_URL, ...feedParts }));

  const databaseUrl = config.DATABASE_URL;
  const pool = createPool({ url: databaseUrl, applicationName, max: CONNECTIONS, onError: onFault('database') });
  const store =
    overrides.store ??
    (await connectEventStore({
      url: config.EVENT_STORE_URL,
      clock,
      random,
      applicationName,
      readers: 4,
      nodeEnv: config.NODE_ENV,
      onFault: onFault('log'),
    }));
  const table = new PostgresKeyRing({ pool, masterKeys: new MasterKeys(config.MASTER_KEY, random), random });
  const keys = new CachedKeyRing({ ring: table, clock });

  const stopping = new AbortController();
  const { signal } = stopping;
  const kept = READ_MODELS.map((readModel) => ({ readModel, progress: new Progress(readModel.name, clock) }));
  const indexing = new Progress(AUDIT_INDEX.name, clock);
  const sealing = new Progress('notary', clock);
  const relaying = new Progress('relay', clock);
  const destroying = new Progress('destroy-keys', clock);
  const redriving = new Progress('redrive', clock);
  const followers = [...kept.map(({ progress }) => progress), indexing, sealing, relaying, destroying, redriving];
  const checks = Object.fromEntries(followers.map((progress) => [progress.name, () => progress.check()]));

  const closeParts = async (): Promise<void> => {
    await Promise.all([overrides.feed ? null : feed.close(), overrides.store ? null : store.close()]);
    keys.close();
    await pool.end();
  };
  const log = sealedEventLog({ store, keys, clock, random });
  const open = async () => {
    await requireMatchingKeys(log, { masterKeys: config.MASTER_KEY });
    const app = buildApp({ endpoints: [], health: checks, clock, random, log: logger });
    return listen(app, { host: config.HOST, port: config.PORT, clock, random });
  };
  const health = await open().catch(async (fault: unknown) => {
    await closeParts();
    throw fault;
  });

  const sinks = await connectCheckpointSinks(config.CHECKPOINT_SINK ?? []);
  const parts = (name: string) => ({ databaseUrl, pool, store, clock, onFault: onFault(name) });
  const onParked =
    ({ name }: ReadModel): ProjectOptions['onParked'] =>
    ({ id, type, stream }, reason) =>
      logger.error({ part: name, event: { id, type, stream }, reason }, 'An event was parked');
  const project = (readModel: ReadModel, progress: Progress): Promise<void> =>
    projectInOrder({ ...parts(readModel.name), keys, readModel, onParked: onParked(readModel) }, progress, signal);
  const onRetried: RedriveOptions['onRetried'] = ({ name }, id, result) =>
    logger.info({ part: name, event: { id }, ...result }, 'Parked events were tried again');
  const work = [
    ...kept.map(({ readModel, progress }) => project(readModel, progress)),
    indexAudit(parts(AUDIT_INDEX.name), indexing, signal),
    notarise(
      { ...parts('notary'), log, keys: config.NOTARY_PRIVATE_KEYS, sinks, rule: overrides.sealing ?? SEALING },
      sealing,
      signal,
    ),
    relay({ ...parts('relay'), feed }, relaying, signal),
    forgetInStatistics({ ...parts('statistics'), readModels: READ_MODELS }, signal),
    forgetInBuilds({ pool, clock, readModels: READ_MODELS, onFault: onFault('rebuild') }, signal),
    pruneFeedHourly({ feed, clock, onFault: onFault('prune-feed') }, signal),
    redriveParked({ ...parts('redrive'), keys, readModels: READ_MODELS, onParked, onRetried }, redriving, signal),
    destroyKeysOfErased({ ...parts('destroy-keys'), keys }, destroying, signal),
    markMinutes({ store, marks: postgresMinuteMarks(pool), clock, onFault: onFault('minute-marks') }, signal),
    destroyDayKeysHourly({ keys: table, clock, onFault: onFault('destroy-day-keys') }, signal),
  ];

  return running({ http: health.url }, async () => {
    stopping.abort();
    // The feed at once: the relay waits for the broker, and a broker that is frozen must not hold up the stop.
    await Promise.all([...work, health.close(500), overrides.feed ? null : feed.close()]);
    await closeParts();
  });
};

if (import.meta.main) await runService('projector', start);
