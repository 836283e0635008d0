import { z } from 'zod';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { requireMatchingKeys } from '@rollbook/shared/personal-data/key-checks';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { readConfig } from '@rollbook/shared/process/config';
import * as shared from '@rollbook/shared/process/shared-settings';
import { createPool } from '@rollbook/shared/sql/pool';
import { withRunning } from '../standalone/running-settings.ts';

/** What `replay` and `diff` read; `DATABASE_URL` and the key may be those of a running `npm start`. */
export const AuditSettings = z.object({
  NODE_ENV: shared.NODE_ENV,
  DATABASE_URL: shared.DATABASE_URL,
  EVENT_STORE_URL: shared.EVENT_STORE_URL.optional(),
  MASTER_KEY: shared.MASTER_KEY,
});

/** Most time for one look at the keys, ms. */
const STATEMENT_MS = 10_000;

/**
 * Lends the log to the work, as the services read it, by the same settings; without `DATABASE_URL` that of the `npm
 * start` on `DATA_DIR`. Nothing is written. Throws ConfigError, StoreUnavailable.
 */
export const withLog = async <Result>(
  env: NodeJS.ProcessEnv,
  work: (log: EventLog) => Promise<Result>,
): Promise<Result> => {
  const config = readConfig(AuditSettings, await withRunning(env));
  const applicationName = 'rollbook audit';
  const pool = createPool({ url: config.DATABASE_URL, applicationName, max: 2, statementTimeout: STATEMENT_MS });
  const store = await connectEventStore({
    url: config.EVENT_STORE_URL ?? config.DATABASE_URL,
    ...{ clock, random, applicationName, nodeEnv: config.NODE_ENV },
  });
  try {
    const keys = new PostgresKeyRing({ pool, masterKeys: new MasterKeys(config.MASTER_KEY, random), random });
    const log = sealedEventLog({ store, keys, clock, random });
    await requireMatchingKeys(log, { masterKeys: config.MASTER_KEY });
    return await work(log);
  } finally {
    await store.close();
    await pool.end();
  }
};
