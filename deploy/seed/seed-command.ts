import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { SERVICE } from '@rollbook/shared/contracts/streams';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { requireMatchingKeys } from '@rollbook/shared/personal-data/key-checks';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { NameDigests } from '@rollbook/shared/person/name-digests';
import { StartError } from '@rollbook/shared/process/start-error';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { bcryptHash } from '../../command-api/src/password/bcrypt-hash.ts';
import { PasswordHashes } from '../../command-api/src/password/password-hashes.ts';
import { firstMissing, hasPeople, runSeed, type SeedParts } from './run-seed.ts';
import { readSeedSettings, type SeedSettings } from './seed-settings.ts';
import { untilProjected } from './until-projected.ts';

export const MOST_USERS = 10_000_000;
/** Everybody's, and in the documentation. */
export const SEEDED_PASSWORD = 'Seeded-Person-7';

export interface SeedWish {
  readonly users: number;
  readonly seed: number;
  readonly mayAdd: boolean;
  readonly goOn: boolean;
  readonly wait: boolean;
  readonly inProduction: boolean;
}

export interface SeedSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Does what was wished and gives the exit code. Throws StartError with a sentence where it refuses. */
export const seed = async (wish: SeedWish, env: NodeJS.ProcessEnv, around: SeedSurroundings): Promise<number> => {
  const settings = await readSeedSettings(env);
  if (settings.NODE_ENV === 'production' && !wish.inProduction)
    throw new StartError(
      'NODE_ENV is production, and everybody knows the password: --production does it all the same.',
    );
  const { clock, random } = around;
  const pool = createPool({ url: settings.DATABASE_URL, applicationName: 'rollbook seed', statementTimeout: 600_000 });
  const store = await connectEventStore({
    url: settings.EVENT_STORE_URL,
    clock,
    random,
    applicationName: 'rollbook seed',
    nodeEnv: settings.NODE_ENV,
  }).catch(async (fault: unknown) => {
    await pool.end();
    throw fault;
  });
  try {
    return await seedInto({ store, pool }, wish, settings, around);
  } finally {
    await store.close();
    await pool.end();
  }
};

const seedInto = async (
  { store, pool }: { readonly store: EventStore; readonly pool: Pool },
  wish: SeedWish,
  settings: SeedSettings,
  around: SeedSurroundings,
): Promise<number> => {
  const { clock, random, say, signal } = around;
  const keys = new PostgresKeyRing({ pool, masterKeys: new MasterKeys(settings.MASTER_KEY, random), random });
  await checkKeys({ store, keys }, settings, around);
  const plan = { seed: wish.seed, users: wish.users, until: clock.now() };
  if (!wish.goOn && !wish.mayAdd && (await hasPeople(store)))
    throw new StartError(
      'People are registered here already: --add puts more beside them, --continue goes on with a run.',
    );
  const first = wish.goOn ? await firstMissing(store, plan) : 0;
  const hashes = new PasswordHashes(bcryptHash, settings.PASSWORD_PEPPER, settings.BCRYPT_COST);
  const parts: SeedParts = {
    store,
    keys,
    clock,
    random,
    say,
    signal,
    seed: wish.seed,
    digests: new NameDigests(settings.DIGEST_KEY),
    passwordHash: await hashes.hash(SEEDED_PASSWORD),
  };
  const { people, events, skipped } = await runSeed(plan, parts, first);
  say(`${people.toLocaleString('en')} people are in the log, ${events.toLocaleString('en')} events were written.`);
  if (skipped > 0)
    say(
      `${skipped.toLocaleString('en')} people were left out: somebody else has their address or username, or they are gone.`,
    );
  if (signal.aborted) {
    say('Stopped. The same with --continue goes on.');
    return 130;
  }
  if (!wish.wait) return 0;
  if (!(await untilProjected({ store, pool, clock, say, signal }, events))) {
    say('The read models have not got there: a projector has to run. The log is complete.');
    return 3;
  }
  // The planner must not go by what it knew of the empty tables.
  await pool.query('vacuum (analyze) read_model.user_directory');
  say(`Everybody is in the read models. The password of each of them is ${SEEDED_PASSWORD}`);
  return 0;
};

const checkKeys = async (
  { store, keys }: { readonly store: EventStore; readonly keys: PostgresKeyRing },
  settings: SeedSettings,
  { clock, random }: SeedSurroundings,
): Promise<void> => {
  if ((await store.read(SERVICE, { limit: 1 })).length === 0)
    throw new StartError('This log was never used: start Rollbook on it once, so that it knows its keys.');
  const { DIGEST_KEY: digestKey, PASSWORD_PEPPER: peppers, MASTER_KEY: masterKeys } = settings;
  await requireMatchingKeys(sealedEventLog({ store, keys, clock, random }), { digestKey, peppers, masterKeys });
};
