import { withTransaction } from '@rollbook/shared/sql/transaction';
import type { Client } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { withBuildLock } from './build-lock.ts';
import { catchUp, type Building, type RebuildParts } from './build.ts';
import { buildingSchema, CannotRebuild, dropBuilding, dropRetired, readVersions, type Standing } from './building.ts';
import { compareVersions, isSame, type Comparison } from './compare.ts';
import { atEqualPosition } from './equal-position.ts';
import { forgetErased } from './erased-meanwhile.ts';
import { createShadowTables, missingIndexes, requireSameShape } from './shadow-tables.ts';
import { switchOver } from './switch-over.ts';

/** What a rebuild tells of itself on its way. */
export interface RebuildReport {
  begun(how: { readonly resumed: boolean; readonly version: number; readonly position: string | null }): void;
  /** After each page: `events` of this run, `of` all that the live version has passed, from the log's beginning. */
  passed(how: { readonly position: string; readonly events: number; readonly done: number; readonly of: number }): void;
  /** The log is in, up to where the live version stands. */
  caughtUp(how: { readonly events: number; readonly ms: number }): void;
  step(sentence: string): void;
  compared(comparison: Comparison): void;
}

export interface RebuildOptions extends RebuildParts {
  readonly signal: AbortSignal;
  readonly report: RebuildReport;
  /** Switch even where the new version differs. */
  readonly accept: boolean;
}

/** Between two looks at a difference, ms: of whoever is erased, the key goes a moment before or after the rows. */
const SECOND_LOOK = 2_000;

/**
 * Builds a new version of a read model beside the live one, or goes on with a half-built one, compares both and switches.
 * 'different': it is kept, to be looked at, accepted or abandoned. Throws RebuildUnderWay, CannotRebuild, and what the
 * signal says; whatever was committed stays and is where the next run begins.
 */
export const rebuild = (readModel: ReadModel, options: RebuildOptions): Promise<'switched' | 'different'> =>
  withBuildLock({ ...options, name: readModel.name }, async (signal) => {
    const { pool, report, clock } = options;
    const { building, live, resumed } = await begin(readModel, { ...options, signal });
    const own = (await readVersions(pool, readModel.name)).building;
    report.begun({ resumed, version: building.readModel.version, position: own?.position ?? null });

    const began = clock.now();
    let events = 0;
    await catchUp(building, (move) => {
      events += move.events;
      report.passed({ position: move.to, events, done: (own?.events ?? 0) + events, of: live.events });
    });
    const ms = clock.now() - began;
    // What was passed and left out is known to the live version in any case.
    const passed = ((await readVersions(pool, readModel.name)).live?.events ?? 0) - (own?.events ?? 0);
    report.caughtUp({ events: Math.max(events, passed), ms });
    await finishTables(building, report);
    await catchUp(building, () => undefined);

    const compare = (): Promise<Comparison> =>
      atEqualPosition(building, (snapshot) => compareVersions(snapshot, building.readModel));
    report.step('Comparing both versions');
    let comparison = await compare();
    if (!isSame(comparison)) {
      await clock.sleep(SECOND_LOOK, signal);
      comparison = await compare();
    }
    report.compared(comparison);
    if (!isSame(comparison) && !options.accept) return 'different';
    await catchUp(building, () => undefined);
    const steppedBack = await switchOver(building, comparison.parked.onlyNew);
    report.step(`Switched${steppedBack > 0 ? `, after stepping back for readers ${String(steppedBack)} times` : ''}`);
    return 'switched';
  });

/** Removes a half-built version. Gives whether there was one. Throws RebuildUnderWay. */
export const abandon = (
  readModel: ReadModel,
  options: Pick<RebuildOptions, 'databaseUrl' | 'pool' | 'signal'>,
): Promise<boolean> =>
  withBuildLock({ ...options, name: readModel.name }, () =>
    withTransaction(options.pool, (client) => dropBuilding(client, readModel)),
  );

const begin = async (
  readModel: ReadModel,
  options: RebuildOptions,
): Promise<{ building: Building; live: Standing; resumed: boolean }> => {
  const { name } = readModel;
  const logId = await options.store.logId();
  return withTransaction(options.pool, async (client) => {
    await dropRetired(client, name);
    const { live, building } = await readVersions(client, name);
    if (!live) throw new CannotRebuild(`There is no live ${name} yet: the projector makes it at its first start`);
    if (live.logId !== logId || (building !== null && building.logId !== logId))
      throw new CannotRebuild(`${name} was made from another event log`);
    const version = building?.version ?? live.version + 1;
    const built: Building = { ...options, readModel: { ...readModel, version } };
    if (building) await requireSameShape(client, readModel);
    else await beginAnew(client, built.readModel, logId);
    return { building: built, live, resumed: building !== null };
  });
};

const beginAnew = async (client: Client, readModel: ReadModel, logId: string): Promise<void> => {
  // A schema without its row is nobody's: both are made in one transaction.
  await client.query(`drop schema if exists ${buildingSchema(readModel.name)} cascade`);
  await createShadowTables(client, readModel);
  await client.query(
    "insert into read_model.projections (name, version, state, log_id) values ($1, $2, 'building', $3)",
    [readModel.name, readModel.version, logId],
  );
};

/** The indexes, made at once now that the rows are there, and what the planner must know before anybody reads. */
const finishTables = async (building: Building, report: RebuildReport): Promise<void> => {
  const { pool, readModel, signal } = building;
  const inStep = async (work: (client: Client) => Promise<unknown>): Promise<void> => {
    signal.throwIfAborted();
    await withTransaction(pool, async (client) => {
      await forgetErased(client, readModel);
      await work(client);
    });
  };
  const statements = await withTransaction(pool, (client) => missingIndexes(client, readModel));
  if (statements.length > 0) report.step(`Making ${String(statements.length)} indexes`);
  for (const statement of statements)
    await inStep(async (client) => {
      await client.query("set local maintenance_work_mem to '256MB'; set local search_path to ''");
      await client.query(statement);
    });
  for (const table of readModel.tables)
    await inStep((client) => client.query(`analyze ${buildingSchema(readModel.name)}.${table}`));
};
