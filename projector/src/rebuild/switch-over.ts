import type { Client } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { LIVE_SCHEMA } from '../project-in-order/read-model.ts';
import type { Building } from './build.ts';
import { buildingSchema, CannotRebuild, dropRetired, readVersions, retiredSchema } from './building.ts';
import { buildOn, holdLive } from './equal-position.ts';

/** Most time (ms) that readers may queue behind the switch; then it steps back and lets them through. */
const PATIENCE = 100;
/** Between two tries, ms. */
const PAUSE = 250;
const TRIES = 240;
/** Pages that are read inside the switch, at most. */
const LAST_PAGES = 10;

/** lock_not_available, deadlock_detected. */
const BUSY: ReadonlySet<unknown> = new Set(['55P03', '40P01']);

const isBusy = (fault: unknown): boolean =>
  typeof fault === 'object' && fault !== null && 'code' in fault && BUSY.has(fault.code);

/**
 * Puts the new version in the place of the live one, in one transaction in which it stands at or beyond it: whoever reads
 * finds either all of the old or all of the new, and never less of the log than before. Gives how often it had to step
 * back for readers that took long. The old tables go after that. `parked`: the events that may be parked in the new version
 * though the live one has applied them, since the comparison has shown them.
 */
export const switchOver = async (building: Building, parked: readonly string[]): Promise<number> => {
  const { pool, readModel, clock, signal } = building;
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      await withTransaction(pool, (client) => exchange(client, building, parked));
      await withTransaction(pool, (client) => dropRetired(client, readModel.name));
      return tries;
    } catch (fault) {
      if (!isBusy(fault)) throw fault;
      if (tries === TRIES)
        throw new CannotRebuild('Long statements on the live tables never let the switch through; try again', {
          cause: fault,
        });
    }
    await clock.sleep(PAUSE, signal);
  }
};

const exchange = async (client: Client, building: Building, parked: readonly string[]): Promise<void> => {
  const { name, version, tables } = building.readModel;
  await client.query(`set local lock_timeout to ${String(PATIENCE * 10)}`);
  const live = await holdLive(client, name);
  const atEnd = await buildToEnd(client, building, live.position);
  await requireNothingRepaired(client, building.readModel, live, parked);
  await client.query(`set local lock_timeout to ${String(PATIENCE)}`);
  const [old, place, made] = [retiredSchema(name), LIVE_SCHEMA, buildingSchema(name)];
  await client.query(`lock table ${tables.map((table) => `${place}.${table}`).join(', ')} in access exclusive mode`);
  await client.query(`create schema ${old}`);
  for (const table of tables) {
    await client.query(`alter table ${place}.${table} set schema ${old}`);
    await client.query(`alter table ${made}.${table} set schema ${place}`);
  }
  await client.query(`drop schema ${made}`);
  await client.query(
    `update read_model.projections b set at_end_at = case when $4 then now() else l.at_end_at end, other_log_at = null
     from read_model.projections l where b.name = $1 and b.version = $2 and l.name = $1 and l.version = $3`,
    [name, version, live.version, atEnd],
  );
  await client.query('delete from read_model.projections where name = $1 and version = $2', [name, live.version]);
  await client.query('delete from read_model.erased_meanwhile where name = $1', [name]);
  await client.query("update read_model.projections set state = 'live' where name = $1 and version = $2", [
    name,
    version,
  ]);
};

const REPAIRED = `
  select from read_model.parked_events n
  where n.name = $1 and n.version = $2 and n.position <= $3 and n.event_id <> all($4::uuid[]) and not exists (
    select from read_model.parked_events l where l.name = n.name and l.version = $5 and l.event_id = n.event_id)
  limit 1`;

/** A retry repairs the live version only; the switch would bring back what the person's row was before it. */
const requireNothingRepaired = async (
  client: Client,
  { name, version }: Building['readModel'],
  live: Awaited<ReturnType<typeof holdLive>>,
  parked: readonly string[],
): Promise<void> => {
  const { rowCount } = await client.query(REPAIRED, [name, version, live.position, parked, live.version]);
  if (rowCount !== 0)
    throw new CannotRebuild(
      `Parked events of ${name} were applied since both versions were compared: compare them again`,
    );
};

/**
 * To the live position or beyond: to where no erasure is near, since whoever is erased there has no values here already,
 * and would be shown without them and not yet as erased. Gives whether that is the log's end.
 */
const buildToEnd = async (client: Client, building: Building, goal: string | null): Promise<boolean> => {
  let position = (await readVersions(client, building.readModel.name)).building?.position ?? null;
  for (let pages = 0; ; pages += 1) {
    const move = await buildOn(client, building, position, null);
    position = move?.to ?? position;
    const reached = goal === null || (position !== null && position >= goal);
    if (reached && (move === null || pages >= LAST_PAGES)) return move === null;
  }
};
