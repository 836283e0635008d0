import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { secretList } from '@rollbook/shared/process/secret-settings';
import { createPool } from '@rollbook/shared/sql/pool';
import type { TestRollbook } from './rollbook.ts';

/** The log of a running Rollbook with its keys, for what no command would write so quickly or so big. */
export const withLogOf = async <Result>(
  rollbook: Pick<TestRollbook, 'databaseUrl' | 'env' | 'store'>,
  work: (log: EventLog) => Promise<Result>,
): Promise<Result> => {
  const pool = createPool({ url: rollbook.databaseUrl, applicationName: 'test' });
  const masterKeys = new MasterKeys(secretList().parse(rollbook.env['MASTER_KEY']), random);
  const keys = new PostgresKeyRing({ pool, masterKeys, random });
  try {
    return await work(sealedEventLog({ store: rollbook.store, keys, clock, random }));
  } finally {
    await pool.end();
  }
};
