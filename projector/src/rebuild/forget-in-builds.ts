import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';
import type { Client, Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { BUILD_LOCK, buildingSchema, dropRetired, readVersions } from './building.ts';
import { forgetErased } from './erased-meanwhile.ts';

export interface ForgetInBuildsOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly readModels: readonly ReadModel[];
  readonly onFault: (fault: unknown) => void;
}

/** Between two looks, ms: an erasure must reach every table within 60 s. */
const PAUSE = 5 * SECOND;

// A build that is at work sees to this by itself.
const LEFT = `
  select distinct name from read_model.erased_meanwhile where not forgotten
  union select substr(nspname, 9) from pg_namespace where nspname like 'retired\\_%'`;

/**
 * Takes erased people out of versions whose build was interrupted, and drops the tables that an interrupted switch left,
 * until the signal. Never rejects.
 */
export const forgetInBuilds = (options: ForgetInBuildsOptions, signal: AbortSignal): Promise<void> =>
  repeat({ ...options, signal, pause: PAUSE }, async () => {
    await forgetInBuildsOnce(options);
    return PAUSE;
  });

export const forgetInBuildsOnce = async ({ pool, readModels }: ForgetInBuildsOptions): Promise<void> => {
  const { rows } = await pool.query<{ name: string }>(LEFT);
  for (const readModel of readModels)
    if (rows.some(({ name }) => name === readModel.name))
      await withTransaction(pool, (client) => cleanOne(client, readModel));
};

const cleanOne = async (client: Client, readModel: ReadModel): Promise<void> => {
  const { name, tables } = readModel;
  const { rows } = await client.query<{ held: boolean }>(`select pg_try_advisory_xact_lock(${BUILD_LOCK}) as held`, [
    name,
  ]);
  if (rows[0]?.held !== true) return;
  await dropRetired(client, name);
  const { building } = await readVersions(client, name);
  if (!building || (await forgetErased(client, { ...readModel, version: building.version })) === 0) return;
  // The planner's samples quote values, too.
  for (const table of tables) await client.query(`analyze ${buildingSchema(name)}.${table}`);
};
