import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { createPool } from '@rollbook/shared/sql/pool';
import { READ_MODELS } from '../../projector/src/read-models.ts';
import { rebuild } from '../../projector/src/rebuild/rebuild.ts';

// A rebuild in a process of its own, in small pages so that there is something to kill. Ends with 0 once it switched.
const { DATABASE_URL: databaseUrl = '', EVENT_STORE_URL: url = '', MASTER_KEY = '', READ_MODEL } = process.env;
const [id = '', secret = ''] = MASTER_KEY.split(':');
const pool = createPool({ url: databaseUrl, applicationName: 'test rebuild', max: 4, statementTimeout: 60_000 });
const clock = systemClock;
const store = await connectEventStore({ url, clock, random: systemRandom, nodeEnv: 'test' });
const masterKeys = new MasterKeys([{ id, secret: Buffer.from(secret, 'base64') }], systemRandom);
const keys = new PostgresKeyRing({ pool, masterKeys, random: systemRandom });
const nothing = (): void => undefined;
const say = (what: string) => (): void => {
  process.stdout.write(`${what}\n`);
};
const how = await rebuild(
  READ_MODELS.find(({ name }) => name === READ_MODEL)!,
  {
    ...{ databaseUrl, pool, store, keys, clock, signal: new AbortController().signal, accept: false, pageSize: 5 },
    onFault: nothing,
    onParked: nothing,
    report: {
      begun: say('begun'),
      passed: say('passed'),
      caughtUp: say('caught up'),
      step: say('step'),
      compared: say('compared'),
    },
  },
);
await store.close();
await pool.end();
process.exitCode = how === 'switched' ? 0 : 1;
